#!/bin/sh
# SPDX-License-Identifier: ISC
#
# "make install" puts down what it says and nothing else, twice over: below
# DESTDIR as a packager does it, and below a PREFIX of its own, from where the
# installed proxyd then serves the stub engine and ends on SIGTERM.

set -u
cd "$(dirname "$0")/.." || exit 1

MAKE=${MAKE:-make}
B=${B:?}
passed=0
failed=0
proxyd=
stub=

tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'kill $proxyd $stub 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

check() {
	what=$1
	shift
	if out=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\nFAIL install: %s\n' "$out" "$what"
	fi
}

build() {
	$MAKE --no-print-directory B="$B" "$@"
}

files() {
	(cd "$1" && find . -type f -printf '%m %p\n' | sort)
}

same() {
	[ "$1" = "$2" ] || { printf 'have:\n%s\nwant:\n%s\n' "$1" "$2"; false; }
}

answers() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		curl -sf --max-time 5 --unix-socket "$tmp/proxyd.sock" \
		    "http://docker$1" >/dev/null 2>&1 && return 0
		sleep 0.5
	done
	cat "$tmp/log"
	return 1
}

gone() {
	! [ -e "$1" ]
}

want=$(sort <<END
644 ./usr/lib/systemd/system/proxyd.service
644 ./usr/lib/systemd/system/proxyd.socket
644 ./usr/lib/sysusers.d/proxyd.conf
644 ./usr/lib/tmpfiles.d/proxyd.conf
644 ./usr/share/man/man5/proxyd.conf.5
644 ./usr/share/man/man8/proxyctl.8
644 ./usr/share/man/man8/proxyd.8
$(for file in examples/*.conf examples/*/* presets/*.conf; do
	echo "644 ./usr/share/proxyd/$file"
done | sort)
755 ./usr/libexec/proxyd-filter
755 ./usr/sbin/proxyctl
755 ./usr/sbin/proxyd
END
)
check 'install DESTDIR PREFIX' \
    build install DESTDIR="$tmp/dest" PREFIX=/usr
check 'the files and their modes' same "$(files "$tmp/dest")" "$want"
check 'uninstall DESTDIR PREFIX' \
    build uninstall DESTDIR="$tmp/dest" PREFIX=/usr
check 'nothing is left' same "$(files "$tmp/dest")" ''

# The same objects: another PREFIX must take effect all the same.
check 'install PREFIX' build install PREFIX="$tmp/prefix"
check 'the unit starts the installed proxyd' grep -qx \
    "ExecStart=$tmp/prefix/sbin/proxyd -d" \
    "$tmp/prefix/lib/systemd/system/proxyd.service"
check 'the stub engine' build "$B/regress/stub-engine"

"$B/regress/stub-engine" "$tmp/engine.sock" &
stub=$!
SOCKET_PATH=$tmp/engine.sock PROXYD_LISTEN=unix://$tmp/proxyd.sock \
    "$tmp/prefix/sbin/proxyd" -d >"$tmp/log" 2>&1 &
proxyd=$!
check 'the installed proxyd serves' answers /version
check 'its filter is the installed one' same \
    "$(readlink "/proc/$(pgrep -P "$proxyd" | head -n 1)/exe")" \
    "$tmp/prefix/libexec/proxyd-filter"
kill -TERM "$proxyd"
wait "$proxyd"
check 'it ends on SIGTERM' same "status $?" 'status 0'
proxyd=
check 'its socket is removed' gone "$tmp/proxyd.sock"
kill "$stub"
stub=

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
