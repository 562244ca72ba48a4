#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The root directory of the container image, from what "make image-root" has
# built: the installed programs, proxyctl in its small form, the presets, two
# users, and the check, which takes the place of wget, nc and sh for health
# checks.
#
# usage: packaging/image/root.sh build-directory root

set -eu

built=${1:?}
root=${2:?}
installed=$built/installed

umask 022
if [ -e "$root" ]; then
	echo "$root: is there already" >&2
	exit 1
fi
install -d "$root" "$root/etc" "$root/run/proxyd" "$root/usr/bin" "$root/bin" \
    "$root/var" "$root/usr/share/proxyd/presets"
install -d -m 555 "$root/var/empty"
# As in other images: an engine's socket is found by either name.
ln -sfn ../run "$root/var/run"

# Whatever programs there are.
for dir in sbin libexec; do
	install -d "$root/usr/$dir"
	for file in "$installed/usr/$dir"/*; do
		install -s -m 755 "$file" "$root/usr/$dir/${file##*/}"
	done
done
install -m 755 "$built/proxyctl" "$root/usr/sbin/proxyctl"
install -m 644 "$installed"/usr/share/proxyd/presets/* \
    "$root/usr/share/proxyd/presets"

install -m 755 "$built/check" "$root/usr/bin/wget"
ln -sfn wget "$root/usr/bin/nc"
ln -sfn ../usr/bin/wget "$root/bin/sh"

# An id of its own, below what a user namespace has.
cat >"$root/etc/passwd" <<'END'
root:x:0:0:root:/:/sbin/nologin
nobody:x:65534:65534:nobody:/var/empty:/sbin/nologin
_proxyd:x:23750:23750:filter of proxyd:/var/empty:/sbin/nologin
END
cat >"$root/etc/group" <<'END'
root:x:0:
nogroup:x:65534:
_proxyd:x:23750:
END

# The same image from the same tree.
find "$root" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
