#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a registry would have as debian:bookworm-slim, for an engine that can
# ask none: a minimal Debian 12 by debootstrap, as a tar.  Its apt asks the
# mirror that this machine asks.  Wants root, and takes a minute.
#
# usage: tests/debian-base.sh file

set -eu

tree=$(cd "$(dirname "$0")/.." && pwd)
file=${1:?usage: tests/debian-base.sh file}
mirror=$(sh "$tree/tests/mirror.sh")

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

include=
certs=
case $mirror in
https:*)
	include=--include=ca-certificates
	certs=/etc/ssl/certs/ca-certificates.crt
	;;
esac
# shellcheck disable=SC2086 # an option or none
debootstrap --variant=minbase $include bookworm "$tmp/root" "$mirror" \
    >"$tmp/log" 2>&1 || { tail -n 20 "$tmp/log" >&2; exit 1; }
for conf in /etc/apt/apt.conf /etc/apt/apt.conf.d/*proxy*; do
	[ ! -f "$conf" ] || cp "$conf" "$tmp/root/etc/apt/apt.conf.d/"
done
[ -z "$certs" ] || cp "$certs" "$tmp/root$certs"

# As the slim image has it, and without what fetching left.
rm -rf "$tmp"/root/var/cache/apt/archives/*.deb \
    "$tmp"/root/var/lib/apt/lists/* "$tmp"/root/usr/share/doc/* \
    "$tmp"/root/usr/share/man/* "$tmp"/root/usr/share/locale/*
tar -C "$tmp/root" --one-file-system --exclude='./dev/*' \
    --exclude='./proc/*' --exclude='./sys/*' -cf "$file.new" .
mv "$file.new" "$file"
