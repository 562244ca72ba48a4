#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The Debian package, from the sources to nothing: built, looked at by
# lintian, installed under a booted systemd in a root directory of its own,
# tried there by its autopkgtest, and purged, after which no file is left or
# changed.  Wants root, namespaces, control groups of the second version,
# debootstrap and a Debian mirror; where it has not, it says so and is skipped.
# The directory keeps the root for the next run.
#
# usage: tests/check-deb.sh directory

set -u
cd "$(dirname "$0")/.." || exit 1

dir=${1:?usage: tests/check-deb.sh directory}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
passed=0
failed=0

# Runs with its output shown, and counts.
check() {
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok - $what"
	else
		failed=$((failed + 1))
		echo "FAIL - deb: $what"
	fi
}

skip() {
	echo "skip - deb: $1"
	echo "$passed passed, $failed failed, 1 skipped"
	exit 0
}

# What booting takes.
can_boot() {
	unshare --mount --propagation private --pid --fork --kill-child --uts \
	    --ipc --net --cgroup sh -c 'mount -t cgroup2 cgroup2 /mnt &&
	    mkdir /mnt/check-deb.$$ && rmdir /mnt/check-deb.$$' 2>/dev/null
}

total() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

# With what the package and its test depend on: no network in there.
make_root() {
	[ -e "$dir/clean/etc/debian-root" ] || rm -rf "$dir/clean"
	sh tests/debian-root.sh bookworm "$dir/clean" "$1" \
	    >"$dir/debootstrap.log" || return 1
	# A network of its own, without devices and variables to set.
	echo '{ "bridge": "none", "iptables": false }' \
	    >"$dir/clean/etc/docker/daemon.json"
	rm -rf "$dir/root"
	cp -a "$dir/clean" "$dir/root"
}

build() {
	rm -rf "$dir/build"
	mkdir -p "$dir/build/src"
	tar --exclude=./.git --exclude=./build --exclude='*.o' \
	    --exclude='./*/*.d' --exclude=./.flags --exclude=./proxyd/proxyd \
	    --exclude=./proxyd/places --exclude=./proxyd/gen \
	    --exclude=./filter/proxyd-filter --exclude=./ctl/proxyctl -cf - . |
	    tar -C "$dir/build/src" -xf -
	(cd "$dir/build/src" &&
	    DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" \
	    dpkg-buildpackage -b -us -uc) >"$dir/build.log" 2>&1 ||
	    { tail -n 20 "$dir/build.log"; false; }
}

lint() {
	lintian --allow-root --pedantic --fail-on error,warning \
	    "$dir"/build/*.changes
}

# Every file, with its sum, in places that a package may write to; not what
# changes by itself.
snapshot() {
	(cd "$dir/root" && find . -xdev \( -path ./proc -o -path ./sys \
	    -o -path ./dev -o -path ./run -o -path ./tmp \
	    -o -path ./var/log -o -path ./var/cache -o -path ./var/tmp \
	    -o -path ./var/lib/apt -o -path ./var/lib/dpkg \
	    -o -path ./var/lib/systemd/timers -o -path ./usr/lib/locale \
	    -o -path ./var/lib/systemd/random-seed \
	    -o -path ./var/lib/docker -o -path ./var/lib/containerd \
	    -o -path ./var/lib/check-deb \) -prune -o \
	    ! -name '*-' ! -name __pycache__ ! -name '*.pyc' \
	    ! -name .pwd.lock ! -name .updated ! -name machine-id \
	    -printf '%y %m %U %p %l\n' | sort
	cd "$dir/root/etc" && sha256sum passwd group shadow gshadow)
}

same() {
	diff "$dir/before" "$dir/after"
}

# In the root: the package comes, is tried, and goes.
cat >"$dir/within" <<'END'
set -eu
export DEBIAN_FRONTEND=noninteractive
cd /var/lib/check-deb
dpkg -i proxyd_*.deb
sh tests/installed
[ "$(dpkg -S /etc/proxyd.conf)" = 'proxyd: /etc/proxyd.conf' ]
echo '# mine' >>/etc/proxyd.conf
dpkg -i proxyd_*.deb
grep -q '^# mine' /etc/proxyd.conf
echo 'ok - the configuration is kept when the package is installed again'
dpkg --remove proxyd
grep -q '^# mine' /etc/proxyd.conf
echo 'ok - and when it is removed'
dpkg --purge proxyd
for left in /run/proxyd /var/empty /etc/proxyd.conf; do
	[ ! -e $left ]
done
if pgrep proxyd || getent passwd _proxyd; then
	exit 1
fi
echo 'ok - no process, no user, no directory after the purge'
END

want=systemd,systemd-sysv,dbus,curl,procps,docker.io,busybox-static
want=$want,iptables,libbsd0,libevent-core-2.1-7,libseccomp2

check 'dpkg-buildpackage' build
[ $failed -eq 0 ] || { total; exit 1; }
check 'lintian' lint
[ "$(id -u)" -eq 0 ] || skip 'root is needed to boot what it installs in'
can_boot || skip 'no namespaces or control groups to boot in'
make_root $want || skip "no Debian to install in: $(tail -n 1 \
    "$dir/debootstrap.log")"
# Once without, so that what the first boot writes is there.
check 'systemd boots' sh tests/boot-root.sh "$dir/root" true
mkdir "$dir/root/var/lib/check-deb"
cp -R debian/tests "$dir"/build/proxyd_*.deb "$dir/within" \
    "$dir/root/var/lib/check-deb"
snapshot >"$dir/before"
check 'installed, tried, removed, purged' sh tests/boot-root.sh \
    "$dir/root" sh /var/lib/check-deb/within
snapshot >"$dir/after"
check 'nothing is left' same
total
