#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Shared by the hooks of this module, which source it. dracut sources the hooks.

# shellcheck disable=SC2034 # they use it

# The kernel command line, with the parameters that are built into the initramfs.
rawswarm_cmdline=/run/rawswarm.cmdline

# Exists while this machine is still to be imaged.
rawswarm_pending=/run/rawswarm.pending

# Exists once an interface can be used.
rawswarm_online=/run/rawswarm.online

# Returns once the machine is imaged, or has failed and the emergency shell was left. The program decides what is a
# failure, and whether the machine goes on, reboots or powers off.
rawswarm_boot() {
	rawswarm boot --cmdline "$rawswarm_cmdline"
	rawswarm_code=$?
	rm -f "$rawswarm_pending"
	# The disks have changed; wait until udev knows.
	udevadm settle
	if [ "$rawswarm_code" -ne 0 ]; then
		emergency_shell "rawswarm ended with exit code $rawswarm_code: this machine has not been imaged."
	fi
}
