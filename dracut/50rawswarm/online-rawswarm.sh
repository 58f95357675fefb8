#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Hook initqueue/online: dracut has set up an interface, with its routes and name servers.

# shellcheck source=SCRIPTDIR/rawswarm-lib.sh
. /lib/rawswarm-lib.sh

: >"$rawswarm_online"
