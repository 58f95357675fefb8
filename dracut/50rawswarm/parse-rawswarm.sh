#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Hook cmdline: asks for the network where there is a job, and ends a boot whose parameters are wrong.
# It comes before the hooks of dracut's network modules, which look for rd.neednet.

# shellcheck source=SCRIPTDIR/rawswarm-lib.sh
. /lib/rawswarm-lib.sh

getcmdline >"$rawswarm_cmdline"
rawswarm boot --check --cmdline "$rawswarm_cmdline" \
	|| die "The kernel parameters of rawswarm are wrong; see the line above."

if getarg rd.rawswarm.job= >/dev/null; then
	: >"$rawswarm_pending"
	echo rd.neednet=1 >/etc/cmdline.d/50-rawswarm.conf
	# dracut mounts no root before all of these say yes.
	# shellcheck disable=SC2154 # dracut sets it
	echo "[ ! -e $rawswarm_pending ]" >"$hookdir/initqueue/finished/rawswarm.sh"
	# A machine that reboots or is switched off afterwards needs no root=.
	if [ -z "$root" ]; then
		root=rawswarm
		# shellcheck disable=SC2034 # dracut asks for it
		rootok=1
	fi
fi
