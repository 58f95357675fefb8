#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The dracut module names the package that is missing, on a system that lacks what dracut's network needs. Functions
# stand in for dracut's.
# Exit codes: 0 passed, 1 failed.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

installed=
require_binaries() { :; }
find_binary() { [[ " $installed " == *" $1 "* ]]; }
derror() { echo "$*"; }

dracutbasedir=$work
dracutmodules='' add_dracutmodules='' force_add_dracutmodules=''
# shellcheck source=SCRIPTDIR/../../dracut/50rawswarm/module-setup.sh
. "$(dirname "$0")/../../dracut/50rawswarm/module-setup.sh"

# expect CODE PATTERN: what check() returns and says
expect() {
	code=0
	said=$(check) || code=$?
	if [ "$code" -ne "$1" ] || ! grep -qx "$2" <<<"$said"; then
		echo "failed: check() returns $code rather than $1, and says: $said" >&2
		exit 1
	fi
}

expect 255 '' # not requested: nothing is missing
# shellcheck disable=SC2034 # the module reads it
add_dracutmodules=" rawswarm "
expect 1 '.*install dracut-network'
mkdir -p "$dracutbasedir/modules.d/40network"
touch "$dracutbasedir/modules.d/40network/module-setup.sh"
expect 1 '.*install network-manager and dbus'
installed=dbus-daemon
expect 255 ''
installed=dhclient
expect 255 ''
echo "passed"
