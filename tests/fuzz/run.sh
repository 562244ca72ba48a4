#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Run each fuzzer for FUZZ_SECS seconds from its seeds, two at a time.  The
# random numbers are the same in each run, so that the same tree gets the same
# answer twice; FUZZ_SEED=0 draws others, for hunting with more time.  What
# it finds by itself stays out of the source tree, below B; an input that
# broke something is left there and named.

set -u
cd "$(dirname "$0")/../.." || exit 1

dir=${B:?}/tests/fuzz
secs=${FUZZ_SECS:-15}

fuzz_one() {
	name=$1
	seeds=tests/fuzz/corpus/$name
	if [ ! -d "$seeds" ]; then
		echo "FAIL fuzz $name: no seeds in $seeds"
		return 1
	fi
	mkdir -p "$dir/found/$name"
	"$dir/fuzz_$name" -max_total_time="$secs" -timeout=10 \
	    -seed="${FUZZ_SEED:-1}" \
	    -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix="$dir/$name-" "$dir/found/$name" "$seeds" \
	    >"$dir/$name.log" 2>&1 || {
		tail -n 40 "$dir/$name.log"
		echo "FAIL fuzz $name: see $dir/$name.log"
		return 1
	}
	printf '%s: %s inputs in %s s\n' "$name" "$(sed -n \
	    's/^stat::number_of_executed_units: *//p' "$dir/$name.log")" \
	    "$secs"
}

if [ "${1:-}" = one ]; then
	fuzz_one "$2" || echo "$2" >>"$dir/bad"
	exit 0
fi

: >"$dir/bad"
list=$(ls tests/fuzz/fuzz_*.c) || exit 1
for src in $list; do
	src=${src#tests/fuzz/fuzz_}
	echo "${src%.c}"
done | xargs -n 1 -P "$(nproc)" sh tests/fuzz/run.sh one

total=$(echo "$list" | wc -l)
failed=$(wc -l <"$dir/bad")
echo "$((total - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
