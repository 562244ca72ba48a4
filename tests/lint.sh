#!/bin/sh
# SPDX-License-Identifier: ISC
#
# "make lint": manual pages, the privileged code under clang-tidy, shell
# scripts.  Each page, file and script counts as one; anything a tool says
# is a failure.  CPP holds the preprocessor flags of the build.

set -u
cd "$(dirname "$0")/.." || exit 1

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

for tool in mandoc clang-tidy shellcheck; do
	command -v $tool >/dev/null || {
		echo "lint: no $tool: run \"make deps-check\" as root" >&2
		exit 1
	}
done

# What the host has no page for is no fault of ours.
lint_man() {
	mandoc -T lint -W style "$1" 2>&1 |
	    grep -v -e 'STYLE: referenced manual not found' \
	    -e 'outdated mandoc\.db lacks'
}

# The note on how many warnings system headers would have had goes to
# standard error; so do errors that end the run.
lint_c() {
	# shellcheck disable=SC2086 # several flags
	clang-tidy --quiet "$1" -- $CPP 2>"$tmp/err.$$" ||
	    cat "$tmp/err.$$"
}

lint_sh() {
	shellcheck -S warning "$1"
}

# One file; prints its name only when a tool had something to say.
lint_one() {
	case $1 in
	*.[1-9])	out=$(lint_man "$1") ;;
	*.c)		out=$(lint_c "$1") ;;
	*)		out=$(lint_sh "$1") ;;
	esac
	[ -z "$out" ] && return 0
	printf '%s\nFAIL lint %s\n' "$out" "$1"
	return 1
}

if [ "${1:-}" = one ]; then
	lint_one "$2" || echo "$2" >>"$3"
	exit 0
fi

{
	ls ./*.[1-9] parent/*.c imsg/*.c packaging/image/*.c
	grep -lE '^#!/bin/(ba)?sh' .ci/* mk/* tests/* tests/fuzz/* regress/* \
	    debian/tests/* debian/*.postrm packaging/image/* 2>/dev/null
} >"$tmp/list"
: >"$tmp/bad"
xargs -P "$(nproc)" -I '{}' sh tests/lint.sh one '{}' "$tmp/bad" \
    <"$tmp/list"

failed=$(wc -l <"$tmp/bad")
echo "$(($(wc -l <"$tmp/list") - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
