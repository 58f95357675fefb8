#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Hook initqueue/settled, sourced again and again: starts the program once the network is there. It must not be
# sooner: what dracut still has to do for the network waits for this hook to return.

# shellcheck source=SCRIPTDIR/rawswarm-lib.sh
. /lib/rawswarm-lib.sh

if [ -e "$rawswarm_pending" ] && [ -e "$rawswarm_online" ]; then
	rawswarm_boot
fi
