#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The dracut module in an initramfs with systemd and NetworkManager, as Fedora's: a disk is imaged and the system on
# it booted.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$(dirname "$0")/support/generated_initramfs.sh"

build_initramfs() {
	modules="base bash dbus dracut-systemd fs-lib kernel-modules kernel-network-modules network network-manager"
	modules="$modules rawswarm rootfs-block shutdown systemd systemd-initrd udev-rules"
	run_dracut "$modules"
}

# No ip=: rd.neednet, which the module sets, is enough.
serve_names
prepare_generator dracut NetworkManager dbus-daemon
build_initramfs
boot_generated imaged01 "$work/disk" "root=LABEL=imaged rw rd.rawswarm.job=http://room.test/job.json"
await_poweroff imaged01 "$machine"
expect_imaged_and_booted "$work/disk"
expect_last_beacon imaged01 '"state": *"done"'
echo "passed"
