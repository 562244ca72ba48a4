#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The house rules that a machine can see: form of the sources, length of the
# functions, nothing left for later; and that the manual says what the
# program does.  B holds a built proxyd.

set -u
cd "$(dirname "$0")/.." || exit 1

B=${B:-.}
FILE_MAX=500
COLUMN_MAX=80
FUNC_MEDIAN=20
FUNC_P90=60
FUNC_MAX=70

passed=0
failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

product=$(ls ctl/*.[ch] parent/*.[ch] filter/*.[ch] filter/body/*.[ch] \
    imsg/*.[ch] proxyd/*.[ch] packaging/image/*.[ch]) || exit 1
tests=$(ls tests/*.[ch] tests/fuzz/*.c regress/*.[ch] 2>/dev/null)
scripts=$(ls GNUmakefile mk/* .ci/run tests/*.sh tests/*.mk tests/fuzz/*.sh \
    regress/*.sh regress/*.mk regress/*.py regress/diff/*.py debian/rules \
    debian/control debian/conf/* debian/tests/* packaging/systemd/* \
    packaging/image/*.sh \
    2>/dev/null)

# A check passes when its command prints nothing and succeeds.
check() {
	what=$1
	shift
	if out=$("$@" 2>&1) && [ -z "$out" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\nFAIL style: %s\n' "$out" "$what"
	fi
}

# Every line of every file through one awk(1) condition.
lines() {
	condition=$1
	shift
	awk "$condition"' { print FILENAME ":" FNR ": " $0 }' "$@"
}

columns() {
	for file in "$@"; do
		expand "$file" | awk -v file="$file" -v max=$COLUMN_MAX '
		    length($0) > max { print file ":" NR ": " length($0) }'
	done
}

long_files() {
	wc -l "$@" | awk -v max=$FILE_MAX '$2 != "total" && $1 >= max'
}

licence() {
	for file in "$@"; do
		head -n 1 "$file" | grep -qxF \
		    '/* SPDX-License-Identifier: ISC */' || echo "$file"
	done
}

# x.c beside x.h includes it before any other header.
own_header() {
	for file in "$@"; do
		case $file in *.c) ;; *) continue ;; esac
		own=${file%.c}.h
		[ -f "$own" ] || continue
		grep -m 1 '^#include' "$file" | grep -q "${own##*/}[\">]" ||
		    echo "$file"
	done
}

# "length name:line" of each function, as KNF lets one find them.
functions() {
	awk '/^\{/ { start = FNR }
	    /^\}/ && start { print FNR - start, FILENAME ":" start; start = 0 }
	' "$@" | sort -n
}

lengths() {
	awk -v median=$FUNC_MEDIAN -v p90=$FUNC_P90 -v max=$FUNC_MAX '
	    { len[NR] = $1; at[NR] = $2 }
	    END {
		if (NR == 0) { print "no function found"; exit }
		m = len[int((NR + 1) / 2)]; p = len[int(NR * 9 / 10) + 1]
		printf "%d functions, median %d, p90 %d, longest %d\n",
		    NR, m, p, len[NR] >stats
		if (m >= median) print "median " m
		if (p >= p90) print "p90 " p
		for (i = NR; i > 0 && len[i] > max; i--)
			print at[i] ": " len[i] " lines"
	    }' stats="$tmp/stats" "$tmp/functions"
}

# One to a line, wherever the lines were broken.
words() {
	tr -s ' \t\n' '\n' | sed '/^$/d'
}

# The usage of a program against the SYNOPSIS of its page.
synopsis() {
	"$1" -h 2>&1 | sed 's/^usage: //' | words >"$tmp/usage"
	mandoc -T ascii "$2" | sed 's/.\x08//g' |
	    awk '/^S/ { on = $1 == "SYNOPSIS"; next }
		/^[A-Z]/ { on = 0 }
		on' | words >"$tmp/synopsis"
	grep -q . "$tmp/usage" || echo "$1 -h prints no usage line"
	diff "$tmp/usage" "$tmp/synopsis"
}

# Every letter of getopt(3)'s string has its item in the page.
options() {
	letters=$(sed -n 's/.*getopt(.*"\([^"]*\)".*/\1/p' "$1" |
	    tr -d ':\n' | sed 's/./& /g')
	[ -n "$letters" ] || echo "no getopt(3) in $1"
	for letter in $letters; do
		grep -qE "^\.It Fl $letter( |\$)" "$2" || echo "-$letter"
	done
}

# Every name that the sources of the environment hold.
environment() {
	names=$(grep -ohE '"[A-Z][A-Z0-9_]+[A-Z0-9]"' proxyd/env*.c |
	    tr -d '"' | sort -u)
	[ -n "$names" ] || echo 'no variable found in proxyd/env*.c'
	for name in $names; do
		grep -qE "(^| )$name( |\$)" proxyd.8 || echo "$name"
	done
}

# shellcheck disable=SC2086 # lists of files
{
check 'licence line first' licence $product $tests
check "at most $COLUMN_MAX columns" columns $product $tests
check "less than $FILE_MAX lines" long_files $product
check 'no blank at the end of a line' lines '/[ \t]$/' $product $tests $scripts
check 'tabs for indentation' lines '/^        /' $product $tests
check 'return (x);' lines '/[ \t]return [^(;]/' $product $tests
check 'no // comment' lines '/^[ \t]*\/\//' $product $tests
check 'nothing left for later' \
    lines '/TO''DO|FIX''ME|(^|[^X])X''XX([^X]|$)/' \
    $product $tests $scripts README.md proxyd.8 proxyctl.8 proxyd.conf.5 \
    presets/*.conf examples/*.conf docs/*.md Dockerfile
check 'own header first' own_header $product
check 'no unbounded string function' lines \
    '/[^a-z_](sprintf|vsprintf|strcpy|strcat|strtok|alloca|atoi|gets) ?\(/' \
    $product

functions $product >"$tmp/functions"
check 'length of functions' lengths
cat "$tmp/stats"
}

check 'usage line and SYNOPSIS agree' synopsis "$B/proxyd/proxyd" proxyd.8
check 'the same for proxyctl' synopsis "$B/ctl/proxyctl" proxyctl.8
check 'every option is documented' options proxyd/main.c proxyd.8
check 'every option of proxyctl is' options ctl/proxyctl.c proxyctl.8
check 'every variable is documented' environment

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
