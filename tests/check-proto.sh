#!/bin/sh
# The protocol between parent and filter may not change without its version:
# proxyd/proto.h, comments and blanks aside, is compared with what was
# recorded for PROXYD_IMSG_VERSION in tests/proto.sum.
# "check-proto.sh -w" records a new pair.
set -eu
cd "$(dirname "$0")/.."

sum=$(${CC:-cc} -fpreprocessed -dD -E -P proxyd/proto.h | tr -d ' \t\n' |
    cksum | cut -d ' ' -f 1)
version=$(sed -n 's/^#define PROXYD_IMSG_VERSION[[:space:]]*//p' \
    proxyd/proto.h)

if [ "${1:-}" = -w ]; then
	echo "$version $sum" >tests/proto.sum
	exit 0
fi
if [ "$(cat tests/proto.sum)" = "$version $sum" ]; then
	echo "protocol version $version is what was recorded"
	echo "1 passed, 0 failed"
	exit 0
fi
echo "proxyd/proto.h changed: raise PROXYD_IMSG_VERSION and run $0 -w"
echo "0 passed, 1 failed"
exit 1
