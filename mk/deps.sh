#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Install the Debian packages named on the command line that are missing.
# "package/program" asks for the package only where the program is not on
# PATH, whoever brought it.  What is there already is left alone, and no
# service is started: an engine installed for tests must not begin to run.

set -eu

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "deps: no dpkg here; install these yourself: $*" >&2
	exit 1
fi

# Names of what is installed, with the names that it provides.
have=$(dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides}\n' |
    sed -n 's/^installed //p' | sed 's/([^)]*)//g' | tr -s ', \n' '   ')

# One turn over the arguments, keeping those that are missing.
for want in "$@"; do
	shift
	case $want in
	*/*)
		command -v "${want#*/}" >/dev/null 2>&1 && continue
		want=${want%/*}
		;;
	esac
	case " $have " in
	*" $want "*)	;;
	*)		set -- "$@" "$want" ;;
	esac
done
[ $# -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "deps: as root: apt-get install $*" >&2
	exit 1
fi
echo "deps: installing $*"

policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'rm -f $policy' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
fi

# The second try has fresh package lists.
install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends -o DPkg::Lock::Timeout=300 \
	    -o Dpkg::Use-Pty=0 "$@" >/dev/null
}
if ! install "$@" 2>/dev/null; then
	apt-get update -qq
	install "$@"
fi
