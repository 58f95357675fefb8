#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Hook initqueue/timeout: dracut has waited long enough. The program then reports what is missing, and ends as
# rd.rawswarm.on_failure says.

# shellcheck source=SCRIPTDIR/rawswarm-lib.sh
. /lib/rawswarm-lib.sh

if [ -e "$rawswarm_pending" ]; then
	rawswarm_boot
fi
