#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Boot the systemd of a Debian root directory as process 1 of namespaces of
# its own, run a command in there, and end it all.  No engine and no machine
# is needed, only root.  The network is a loopback of its own; the kernel's
# variables cannot be written.
#
# usage: tests/boot-root.sh directory command ...

set -eu

# shellcheck disable=SC2154 # by the first of us
inside() {
	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mount --bind "$root/proc/sys" "$root/proc/sys"
	mount -o remount,bind,ro "$root/proc/sys"
	mount -t sysfs -o ro sysfs "$root/sys"
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
	mount -t tmpfs -o mode=755 tmpfs "$root/dev"
	for dev in null zero full random urandom tty; do
		: >"$root/dev/$dev"
		mount --bind "/dev/$dev" "$root/dev/$dev"
	done
	mkdir "$root/dev/pts" "$root/dev/shm"
	mount -t devpts devpts "$root/dev/pts" -o newinstance,ptmxmode=0666
	ln -s pts/ptmx "$root/dev/ptmx"
	mount -t tmpfs -o mode=755 tmpfs "$root/run"
	cd "$root"
	pivot_root . mnt
	umount -l /mnt
	exec env -i container=boot-root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    /lib/systemd/systemd --unit=multi-user.target </dev/null
}

root=$(cd "$1" && pwd)
if [ -n "${BOOT_ROOT_INSIDE:-}" ]; then
	inside
fi
shift

# A group of control groups that can be removed again, wherever the second
# version is mounted, if it is.
tmp=$(mktemp -d)
group=$tmp/boot-root.$$
mount -t cgroup2 cgroup2 "$tmp"
mkdir "$group"

end() {
	# Process 1 goes with it, and all others before that is gone.
	if [ -n "$pid" ]; then
		init=$(pgrep -P "$pid") || init=$pid
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
		timeout 10 tail --pid="$init" -f /dev/null || :
	fi
	find "$group" -depth -type d -exec rmdir {} + || :
	umount "$tmp"
	rmdir "$tmp"
}
pid=
trap end EXIT
trap 'exit 1' HUP INT TERM

# The group first: its place is the root of the namespace.
sh -c 'echo $$ >"$0/cgroup.procs" && exec env BOOT_ROOT_INSIDE=1 unshare \
    --mount --propagation private --pid --fork --kill-child --uts --ipc \
    --net --cgroup sh "$1" "$2"' "$group" "$0" "$root" &
pid=$!

within() {
	init=$(pgrep -P "$pid") && nsenter -t "$init" -a "$@" </dev/null
}

n=0
until state=$(within systemctl is-system-running 2>/dev/null) ||
    [ "$state" = degraded ]; do
	n=$((n + 1))
	if [ $n -gt 300 ] || ! kill -0 "$pid" 2>/dev/null; then
		echo "boot-root: systemd does not get ready: $state" >&2
		exit 1
	fi
	sleep 0.1
done
echo "boot-root: systemd is $state"
within env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    "$@"
