#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Hook initqueue/settled, before start-rawswarm.sh: if dracut calls no hook `online`, an address has to be enough.

# shellcheck source=SCRIPTDIR/rawswarm-lib.sh
. /lib/rawswarm-lib.sh

if [ -n "$(ip -o address show up scope global)" ]; then
	: >"$rawswarm_online"
fi
