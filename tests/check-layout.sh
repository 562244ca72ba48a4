#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Who may know whom: the privileged program holds no parser of anything that
# comes from outside.  Shown by what the sources include, by the symbols of
# the objects, and by what the linked programs load.

set -u
cd "$(dirname "$0")/.." || exit 1

B=${B:-.}
proxyd=$B/proxyd/proxyd
filter=$B/filter/proxyd-filter
ctl=$B/ctl/proxyctl
passed=0
failed=0

# A check passes when its command prints nothing and succeeds; a pipe into
# offenders succeeds when there are none.
check() {
	what=$1
	shift
	if out=$("$@" 2>&1) && [ -z "$out" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\nFAIL layout: %s\n' "$out" "$what"
	fi
}

# Lines of the files that include something matching the pattern; the files
# themselves must exist, or the check would prove nothing.
includes() {
	pattern=$1
	shift
	ls "$@" >/dev/null || return 1
	! grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[\"<]($pattern)" "$@"
}

# Symbols, defined or wanted, of object files or of a program.
symbols() {
	pattern=$1
	shift
	ls "$@" >/dev/null || return 1
	list=$(nm "$@") || return 1
	[ -n "$list" ] || return 1
	! printf '%s\n' "$list" | grep -E " [[:alpha:]] ($pattern)"
}

# Everything that the program loads, directly or not.
loads() {
	list=$(ldd "$2") || return 1
	! printf '%s\n' "$list" | grep -E "$1"
}

# The proof of the opposite, where something must be there.
holds() {
	nm "$2" | grep -qE " [[:alpha:]] ($1)"
}

# Functions and data that a program has in common with the objects of a
# directory, beside those that both programs are made of.
shares() {
	program=$1
	shift
	ls "$@" >/dev/null || return 1
	nm -g --defined-only "$program" | awk 'NF == 3 { print $3 }' |
	    sort -u >"$tmp"
	[ -s "$tmp" ] || return 1
	! nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort -u |
	    grep -vx 'main' | comm -12 - "$tmp" | grep .
}

tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT

outside='js_|arena_|json_|http_|policy_|reply_|upstream_'
io='read|write|readv|writev|send|sendto|sendmsg|recv|recvfrom|recvmsg'
io="$io|open|openat|fopen|socket|connect|accept|accept4|ioctl|event_.*"
io="$io|time|clock_gettime|gettimeofday|fork|execve"
parsers='(\.\./)?(filter/|http\.h|path\.h|query\.h|policy\.h|body\.h)'

pure_sources=$(ls filter/http*.c filter/chunk.c filter/path.c filter/query*.c \
    filter/policy.c filter/trace.c)
pure_objects=
for src in $pure_sources; do
	pure_objects="$pure_objects $B/${src%.c}.o"
done

# shellcheck disable=SC2086 # lists of files
{
check 'parent includes nothing of filter' \
    includes "$parsers" parent/*.[ch]
check 'shared code includes nothing of filter' \
    includes "$parsers" proxyd/*.[ch]
check 'nothing but the tests includes jansson' includes 'jansson' \
    parent/*.[ch] proxyd/*.[ch] imsg/*.[ch] filter/*.[ch] filter/body/*.[ch]
check 'shared code but main.c includes nothing of parent' \
    includes '(\.\./)?parent/' proxyd/*.h proxyd/[!m]*.c
check 'filter includes nothing of parent' \
    includes '(\.\./)?parent/' filter/*.[ch] filter/body/*.[ch]
check 'proxyctl includes nothing of parent and filter' \
    includes '(\.\./)?(parent|filter)/' ctl/*.[ch]
check 'imsg includes nothing of proxyd, parent, filter' \
    includes '(\.\./)|proxyd|parent|filter' imsg/*.[ch]
check 'pure modules include no libevent' \
    includes '(sys/)?event' $pure_sources filter/body/*.[ch]

check 'objects of parent and imsg hold no parser symbol' \
    symbols "$outside" "$B"/parent/*.o "$B"/imsg/*.o
check 'pure modules ask for no input, output or time' \
    symbols "(__)?($io)(_chk|_2)?(@.*)?\$" $pure_objects "$B"/filter/body/*.o
check 'proxyd holds no parser symbol' symbols "$outside" "$proxyd"
check 'proxyd-filter holds the parsers' \
    holds 'http_' "$filter"
check 'proxyd holds nothing of the filter' \
    shares "$proxyd" "$B"/filter/*.o "$B"/filter/body/*.o
check 'proxyd-filter holds nothing of the parent' \
    shares "$filter" "$B"/parent/*.o
check 'proxyd-filter holds the parser of JSON' holds 'js_parse' "$filter"
check 'proxyctl holds no parser symbol' symbols "$outside" "$ctl"
check 'proxyd loads no jansson' loads 'jansson' "$proxyd"
check 'proxyd-filter loads no jansson' loads 'jansson' "$filter"
}

# Full RELRO, no executable stack, position independent: both programs.
hardened() {
	readelf -hld "$1" >"$tmp" || return 1
	grep -q 'Type:.*DYN' "$tmp" || echo "$1: not PIE"
	grep -q 'GNU_RELRO' "$tmp" || echo "$1: no RELRO"
	grep -q 'FLAGS.*NOW' "$tmp" || echo "$1: lazy binding"
	! grep -A1 'GNU_STACK' "$tmp" | grep 'RWE'
}
check 'proxyd is hardened' hardened "$proxyd"
check 'proxyd-filter is hardened' hardened "$filter"
check 'proxyctl is hardened' hardened "$ctl"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
