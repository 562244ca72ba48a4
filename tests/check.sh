#!/bin/sh
# SPDX-License-Identifier: ISC
#
# "make check": every part in its turn, its output shown, its totals added
# up.  A part that ends without totals, or with none executed, has failed:
# nothing is skipped in silence.  The last line is the sum.

set -u
cd "$(dirname "$0")/.." || exit 1

MAKE=${MAKE:-make}
B=${B:-.}
BX=${BX:-build}

tmp=$(mktemp -d)
trap '[ -z "$running" ] || kill "$running" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

running=
passed=0
failed=0
skipped=0

# A job server from above hands out the jobs; else one job a processor.
case ${MAKEFLAGS:-} in
*jobserver*)	jobs= ;;
*)		jobs=-j$(nproc) ;;
esac

count() {
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
	printf '%-24s %5d passed %5d failed %5d skipped %5d s\n' \
	    "$name" "$1" "$2" "$3" "$(($(date +%s) - start))" >>"$tmp/table"
}

# Run one part under a time limit, keep its output and its exit status.  No
# pipe: a process that it left behind would keep it open for ever.
run_part() {
	name=$1
	limit=$2
	shift 2
	start=$(date +%s)
	printf '\n== %s\n' "$name"
	log=$tmp/$start.$name
	: >"$log"
	# What sh starts in the background would ignore an interrupt.
	env --default-signal=INT,QUIT timeout -k 20 "$limit" "$@" \
	    </dev/null >>"$log" 2>&1 &
	running=$!
	tail -n +1 -s 0.2 -f --pid=$running "$log" &
	showing=$!
	wait $running
	status=$?
	wait $showing
	running=
	[ "$status" -ne 124 ] || echo "$name: took longer than $limit s"
}

# A part that either works or does not.
step() {
	run_part "$@"
	if [ "$status" -eq 0 ]; then
		count 1 0 0
	else
		count 0 1 0
	fi
}

# A part that counts for itself: "all" adds up its lines of totals, "last"
# takes the last one, which already holds the others.
part() {
	which=$1
	shift
	run_part "$@"
	# shellcheck disable=SC2046 # three numbers
	set -- $(awk -v which="$which" '
	    /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
		if (which == "last")
			p = f = s = 0
		p += $1; f += $3; s += $5
	    }
	    END { print p + 0, f + 0, s + 0 }' "$log")
	if [ "$status" -ne 0 ] && [ "$2" -eq 0 ]; then
		echo "$name: ended with status $status"
		set -- "$1" 1 "$3"
	elif [ $(($1 + $2 + $3)) -eq 0 ]; then
		echo "$name: ran nothing"
		set -- 0 1 0
	fi
	count "$1" "$2" "$3"
}

# make as one word, for timeout(1).
cat >"$tmp/mk" <<EOF
#!/bin/sh
exec $MAKE --no-print-directory "\$@"
EOF
chmod 755 "$tmp/mk"
mk="$tmp/mk"

step 'packages'			600 "$mk" deps-check
if [ "$status" -eq 0 ]; then
	# shellcheck disable=SC2086 # no word at all, when $jobs is empty
	{
	step 'build'		300 "$mk" $jobs B="$B" all tests
	step 'build, clang'	300 "$mk" $jobs CC=clang B="$BX/clang" all tests
	step 'build, sanitizers' 300 "$mk" $jobs B="$BX/asan" \
	    SANITIZE=address,undefined tests
	part all 'lint'		300 "$mk" lint
	part all 'layout'		60 "$mk" B="$B" layout
	part all 'style'		60 "$mk" B="$B" style
	part all 'installed'	300 "$mk" $jobs installed
	part all 'reproducible'	300 "$mk" $jobs reproducible
	part all 'unit tests'	300 "$mk" B="$B" -k test
	part all 'unit tests, sanitizers' 300 "$mk" B="$BX/asan" \
	    SANITIZE=address,undefined -k test
	part all 'fuzzers'		600 "$mk" $jobs fuzz
	part all 'engine of Debian 13'	600 "$mk" engine-root
	part last 'regress'		2400 "$mk" $jobs B="$B" regress
	part last 'package'		900 "$mk" deb-check
	}
fi

printf '\n'
cat "$tmp/table"
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
