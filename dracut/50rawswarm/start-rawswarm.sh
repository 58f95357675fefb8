#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Hook initqueue/settled, sourced repeatedly: starts the program once the network is up, and not before: dracut
# cannot continue to bring it up until this hook returns.

# shellcheck source=SCRIPTDIR/rawswarm-lib.sh
. /lib/rawswarm-lib.sh

if [ -e "$rawswarm_pending" ] && [ -e "$rawswarm_online" ]; then
	rawswarm_boot
fi
