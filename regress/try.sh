#!/bin/sh
# SPDX-License-Identifier: ISC
#
# "make run": proxyd in the foreground, in front of the engine of this
# machine; where there is none, of the stub engine.  ENGINE=docker starts a
# private dockerd, ENGINE=stub takes the stub at once.  The environment that
# proxyd reads is passed on; what it leaves open is set so that one can look
# around, and nothing else.  Everything started here ends with it.

set -eu
cd "$(dirname "$0")/.."

B=${B:-.}
SOCKET_PATH=${SOCKET_PATH:-/var/run/docker.sock}
export PROXYD_LISTEN="${PROXYD_LISTEN:-tcp://127.0.0.1:2375}"
export CONTAINERS="${CONTAINERS-1}" IMAGES="${IMAGES-1}" INFO="${INFO-1}"
export NETWORKS="${NETWORKS-1}" VOLUMES="${VOLUMES-1}"
listen=$PROXYD_LISTEN
listen=${listen%% *}

tmp=$(mktemp -d)
engine=
proxyd=

end() {
	[ -z "$1" ] || kill -TERM "$1" 2>/dev/null || :
}

reap() {
	while [ -n "$1" ] && kill -0 "$1" 2>/dev/null; do
		wait "$1" || :
	done
}

# The engine goes last.  One more interrupt is passed on: proxyd then does not
# wait for its clients.
finish() {
	status=$?
	trap - EXIT
	trap 'end "$proxyd"' HUP INT TERM
	end "$proxyd"
	reap "$proxyd"
	end "$engine"
	reap "$engine"
	rm -rf "$tmp"
	exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

alive() {
	curl -s -o /dev/null --max-time 5 --unix-socket "$1" http://docker/_ping
}

# Until a command says that the engine is there, or the engine has ended.
await() {
	until "$@"; do
		kill -0 "$engine" 2>/dev/null || {
			echo "make run: the engine did not start" >&2
			exit 1
		}
		sleep 0.1
	done
}

# setsid: an interrupt from the terminal is for this script alone, which then
# ends the others in order, with one signal each.
start_stub() {
	setsid "$B/regress/stub-engine" "$tmp/engine.sock" &
	engine=$!
	SOCKET_PATH=$tmp/engine.sock
	await alive "$SOCKET_PATH"
}

# In a network of its own: packet filter rules of a second engine would
# disturb the first, and would stay behind.
start_docker() {
	setsid /usr/bin/python3 regress/engine.py \
	    -s "$tmp/engine.sock" >"$tmp/ready" &
	engine=$!
	SOCKET_PATH=$tmp/engine.sock
	await test -s "$tmp/ready"
	echo "make run: it has the image busybox:test, and no way out to pull" \
	    "others"
}

case ${ENGINE:-} in
docker)
	echo "make run: starting a private dockerd"
	start_docker
	;;
stub)
	start_stub
	;;
'')
	alive "$SOCKET_PATH" || {
		echo "make run: no Docker Engine answers on $SOCKET_PATH:" \
		    "serving the stub engine instead"
		echo "make run: (ENGINE=docker installs and starts a real one)"
		start_stub
	}
	;;
*)
	echo "make run: ENGINE is docker, stub or not set" >&2
	exit 1
	;;
esac
export SOCKET_PATH

echo "make run: the policy in force (proxyd -nv):"
"$B/proxyd/proxyd" -nv

case $listen in
unix://*)	at="--unix-socket ${listen#unix://} http://docker" ;;
tcp://:*)	at="http://127.0.0.1:${listen#tcp://:}" ;;
*)		at="http://${listen#tcp://}" ;;
esac
case ${POST:-0} in
0)	refused="curl -X POST $at/containers/create" ;;
*)	refused="curl $at/swarm" ;;
esac
docker=
if command -v docker >/dev/null 2>&1; then
	docker="docker -H $listen ps; "
fi
echo "make run: try: ${docker}curl $at/version; refused: $refused"

setsid "$B/proxyd/proxyd" -d &
proxyd=$!
status=0
wait "$proxyd" || status=$?
proxyd=
exit "$status"
