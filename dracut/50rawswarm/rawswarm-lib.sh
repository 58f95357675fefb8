#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What the hooks of this module share. dracut sources them, and they source this.

# shellcheck disable=SC2034 # they use it

# All that the kernel command line says, and what is built into the initramfs in its place.
rawswarm_cmdline=/run/rawswarm.cmdline

# There while a machine is to be imaged and has not been.
rawswarm_pending=/run/rawswarm.pending

# There once an interface can be used.
rawswarm_online=/run/rawswarm.online

# Returns once the machine is imaged, or has failed and somebody has left the emergency shell. Whether it is a
# failure, and whether the machine goes on, reboots or is switched off, the program decides.
rawswarm_boot() {
	rawswarm boot --cmdline "$rawswarm_cmdline"
	rawswarm_code=$?
	rm -f "$rawswarm_pending"
	# What is on the disks now is not what udev knows of them.
	udevadm settle
	if [ "$rawswarm_code" -ne 0 ]; then
		emergency_shell "rawswarm ended with exit code $rawswarm_code: this machine has not been imaged."
	fi
}
