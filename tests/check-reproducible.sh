#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The same tree makes the same image: what is in it, built twice, in
# directories of different names, one after the other, with another umask,
# time zone and locale, has the same sums, modes and times.

set -u
cd "$(dirname "$0")/.." || exit 1

MAKE=${MAKE:-make}
passed=0
failed=0

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

check() {
	what=$1
	shift
	if out=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\nFAIL reproducible: %s\n' "$out" "$what"
	fi
}

# In a copy of the tree, without what was built in it.
build() {
	mkdir -p "$1/src"
	tar --exclude=./.git --exclude=./build --exclude='*.o' \
	    --exclude='*.d' --exclude=./.flags --exclude=./proxyd/proxyd \
	    --exclude=./proxyd/places --exclude=./proxyd/gen \
	    --exclude=./filter/proxyd-filter --exclude=node_modules \
	    -cf - . | tar -C "$1/src" -xmf -
	(cd "$1/src" && $MAKE --no-print-directory image-root \
	    DESTDIR="$1/root")
}

sums() {
	(cd "$1" && find . -printf '%y %m %U %G %T@ %p %l\n' | sort
	find . -type f -exec sha256sum {} + | sort -k 2)
}

same() {
	sums "$1" >"$tmp/a" && sums "$2" >"$tmp/b" && [ -s "$tmp/a" ] &&
	    diff "$tmp/a" "$tmp/b"
}

# Whatever a compiler could leave of when and where.
nowhere() {
	! grep -rlF -e "$tmp" -e "$(date +%Y-%m-%d)" -e "$(date "+%b %e %Y")" "$1"
}

umask 022
check 'the first build' build "$tmp/one"
umask 077
export TZ=Asia/Tokyo LC_ALL=C.UTF-8
check 'the second build' build "$tmp/another/place"
check 'both are the same' same "$tmp/one/root" "$tmp/another/place/root"
check 'no path and no date of this build in them' nowhere "$tmp/one/root"
[ $failed -ne 0 ] ||
    (cd "$tmp/one/root" && sha256sum usr/sbin/* usr/libexec/* usr/bin/wget)

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
