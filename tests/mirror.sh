#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Where Debian's packages come from here: MIRROR if that is set, else what
# apt uses, else the one that is known everywhere.
#
# usage: tests/mirror.sh

set -u

if [ -n "${MIRROR:-}" ]; then
	echo "$MIRROR"
	exit 0
fi
# Debian's own first; the label is known once apt has fetched its lists.
# shellcheck disable=SC2016 # the words are apt's
found=$(apt-get indextargets \
    --format '$(LABEL)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)' \
    'Created-By: Packages' 2>/dev/null |
    awk -F '|' '$2 != "main" || $4 ~ /security/ || $4 !~ /^http/ { next }
	$1 == "Debian" { print $4; exit }
	$1 == "" && $3 ~ /^(bookworm|stable)$/ { print $4; exit }')
echo "${found:-http://deb.debian.org/debian}"
