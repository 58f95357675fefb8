#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The dracut module in an initramfs built by dracut, with dracut's own init and its older network scripts: images a
# disk and boots the system that it has written. A job that is not there and a wrong parameter leave the disk
# alone. Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$(dirname "$0")/support/generated_initramfs.sh"

build_initramfs() {
	modules="base bash kernel-modules kernel-network-modules network network-legacy rawswarm rootfs-block"
	modules="$modules shutdown udev-rules"
	run_dracut "$modules" --kernel-cmdline "rd.rawswarm.beacon=$server:7700"
}

serve_names
prepare_generator dracut dhclient arping
build_initramfs

# The address for beacons is built into the initramfs, for the job that is not there: job.json has one itself.
#
# A machine whose imaging failed must not go on: with rd.shell=0 dracut carries out rd.emergency in place of its
# emergency shell. Without systemd that reboot fails, init ends, and panic=-1 restarts the machine.
emergency="rd.shell=0 rd.emergency=reboot"
boot_imaged_and_missing http://room.test "root=LABEL=imaged rw" "$emergency rd.rawswarm.timeout=3"
cp "$work/source" "$work/disk.wrong"
boot_generated wrong03 "$work/disk.wrong" "root=LABEL=imaged rw rd.rawswarm.job=http://room.test/job.json" \
	"rd.rawswarm.jobb=x $emergency"
wrong=$machine

expect_imaged_and_missing
await_poweroff wrong03 "$wrong"
expect_untouched "$work/disk.wrong"
expect_no_lease wrong03
echo "passed"
