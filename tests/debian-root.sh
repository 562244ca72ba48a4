#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A Debian in a directory, by debootstrap.  Wants root and a mirror, for which
# see mirror.sh.
#
# usage: tests/debian-root.sh suite directory [package,...]
#
# What is there already, from the same suite with the same packages, is used
# again.  A directory that holds something else is an error, unless this
# script made that, too.

set -eu

[ $# -eq 2 ] || [ $# -eq 3 ] || {
	echo "usage: tests/debian-root.sh suite directory [package,...]" >&2
	exit 1
}
suite=$1
dir=$2
include=${3:-}
from=$(sh "$(dirname "$0")/mirror.sh")
stamp=etc/debian-root

if [ -e "$dir/$stamp" ]; then
	[ "$(cat "$dir/$stamp")" != "$suite $include" ] || exit 0
	rm -rf --one-file-system "$dir"
elif [ -d "$dir" ] && ! rmdir "$dir" 2>/dev/null; then
	echo "debian-root: $dir is not empty" >&2
	exit 1
fi

# Whole or not at all.  What debootstrap mounts in there goes with it, however
# it ends.  unsafe-io: who loses power makes it again.
trap 'rm -rf --one-file-system "$dir.new"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf --one-file-system "$dir.new"
mkdir -p "$dir.new"
DPKG_FORCE=unsafe-io unshare --mount debootstrap --variant=minbase \
    ${include:+--include="$include"} "$suite" "$dir.new" "$from" || {
	tail -n 20 "$dir.new/debootstrap/debootstrap.log" >&2 || :
	exit 1
}
for conf in /etc/apt/apt.conf /etc/apt/apt.conf.d/*proxy*; do
	[ ! -f "$conf" ] || cp "$conf" "$dir.new/etc/apt/apt.conf.d/"
done
rm -rf "$dir.new/var/cache/apt/archives" "$dir.new"/var/lib/apt/lists/*
mkdir -p "$dir.new/var/cache/apt/archives/partial"
echo "$suite $include" >"$dir.new/$stamp"
mv "$dir.new" "$dir"
