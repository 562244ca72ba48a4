#!/bin/sh
# SPDX-License-Identifier: ISC
#
# "make check" as a newcomer sees it: a bare Debian 12 in a directory, with
# nothing in it but this tree.  Wants root, debootstrap and a Debian mirror.
#
# usage: tests/fresh-root.sh directory [command ...]
#
# The directory is made, or used again when a run was there before; it stays.
# The command, .ci/run unless given, is run in the tree's copy.  Mounts and
# processes are in namespaces of their own and end with the script.

set -eu

usage() {
	echo "usage: tests/fresh-root.sh directory [command ...]" >&2
	exit 1
}

[ $# -ge 1 ] || usage
if [ -z "${FRESH_ROOT_INSIDE:-}" ]; then
	exec env FRESH_ROOT_INSIDE=1 unshare --mount --propagation private \
	    --pid --fork --kill-child sh "$0" "$@"
fi

tree=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
root=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- sh .ci/run
[ "$root" != / ] || usage

sh "$tree/tests/debian-root.sh" bookworm "$root"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
# Where npm's registry is reached through somebody's own certificates.
certs=
if [ -f "${NODE_EXTRA_CA_CERTS:-}" ]; then
	certs=/etc/fresh-root.pem
	cp "$NODE_EXTRA_CA_CERTS" "$root$certs"
fi

# The sources and no object of the build out here.
rm -rf "$root/src"
mkdir "$root/src"
tar -C "$tree" --exclude=./.git --exclude=./build --exclude='*.o' \
    --exclude='*.d' --exclude=./.flags --exclude=./proxyd/proxyd \
    --exclude=./proxyd/places --exclude=./proxyd/gen \
    --exclude=./filter/proxyd-filter \
    --exclude=./regress/stub-engine --exclude=./regress/hostile-filter \
    -cf - . | tar -C "$root/src" -xf -

mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --bind /dev "$root/dev"
mount -t devpts devpts "$root/dev/pts" -o newinstance,ptmxmode=0666
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs tmpfs "$root/run"

# Not chroot(8): setns(2) into a container's namespace leads to the root of
# the namespace, and "docker exec" would run out here.
cd "$root"
pivot_root . mnt
umount -l /mnt
cd /src
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    CI="${CI:-}" ${certs:+NODE_EXTRA_CA_CERTS="$certs"} "$@" </dev/null
