#!/bin/sh
# Hook initqueue/settled, sourced again and again: starts the program once an interface has an address. It is
# not the hook initqueue/online, which some of dracut's network modules never call.

# shellcheck source=SCRIPTDIR/rawswarm-lib.sh
. /lib/rawswarm-lib.sh

if [ -e "$rawswarm_pending" ] && [ -n "$(ip -o address show up scope global)" ]; then
	rawswarm_boot
fi
