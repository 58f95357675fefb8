#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Hook cmdline: requests the network if there is a job, and ends a boot with wrong parameters. It runs before
# the hooks of dracut's network modules, which look for rd.neednet.

# shellcheck source=SCRIPTDIR/rawswarm-lib.sh
. /lib/rawswarm-lib.sh

getcmdline >"$rawswarm_cmdline"
rawswarm boot --check --cmdline "$rawswarm_cmdline" \
	|| die "The kernel parameters of rawswarm are wrong; see the line above."

if getarg rd.rawswarm.job= >/dev/null; then
	: >"$rawswarm_pending"
	echo rd.neednet=1 >/etc/cmdline.d/50-rawswarm.conf
	# dracut mounts the root only once all of these are true.
	# shellcheck disable=SC2154 # dracut sets it
	echo "[ ! -e $rawswarm_pending ]" >"$hookdir/initqueue/finished/rawswarm.sh"
	# A machine that reboots or powers off afterwards needs no root=.
	if [ -z "$root" ]; then
		root=rawswarm
		# shellcheck disable=SC2034 # dracut reads it
		rootok=1
	fi
fi
