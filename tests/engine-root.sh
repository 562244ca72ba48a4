#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The engine, docker CLI, compose and buildx of Debian 13, in a directory, for
# the regression cases to run beside those of this machine.  It takes a
# minute and 400 MB, once.  Where no mirror can be reached that is a skip.
#
# usage: tests/engine-root.sh directory

set -u
cd "$(dirname "$0")/.." || exit 1

dir=${1:?usage: tests/engine-root.sh directory}
# procps: docker top runs the engine's own ps(1).
want=docker.io,docker-cli,docker-compose,docker-buildx
want=$want,ca-certificates,iproute2,iptables,procps
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$(dirname "$dir")"
if sh tests/debian-root.sh trixie "$dir" $want >"$log" 2>&1 &&
    chroot "$dir" /usr/sbin/dockerd --version; then
	rm -rf "$dir"/usr/share/doc "$dir"/usr/share/locale \
	    "$dir"/usr/share/man
	echo '1 passed, 0 failed, 0 skipped'
elif grep -e 'Failed getting release file' -e "Couldn't download" "$log"; then
	echo 'skip - no mirror to take the engine of Debian 13 from'
	echo '0 passed, 0 failed, 1 skipped'
else
	tail -n 20 "$log"
	echo 'FAIL - the engine of Debian 13: debootstrap has failed'
	echo '0 passed, 1 failed, 0 skipped'
	exit 1
fi
