#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The dracut module, in an initramfs built by the real dracut, with its own init and its older network scripts:
# images a disk and boots the system that it has written; a job that is not there and a wrong parameter leave
# the disk alone. Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$(dirname "$0")/support/generated_initramfs.sh"

build_initramfs() {
	modules="base bash kernel-modules kernel-network-modules network network-legacy rawswarm rootfs-block"
	modules="$modules shutdown udev-rules"
	run_dracut "$modules" --kernel-cmdline "rd.rawswarm.beacon=$server:7700"
}

# The job and its torrent come from a name, which DHCP says whom to ask for.
serve_names
prepare_generator dracut dhclient arping
build_initramfs

# A beacon's address is built into the initramfs. job.json has it as well; a job that is not there has not.
#
# A machine that was to be imaged and was not must not go on: with rd.shell=0 dracut's emergency shell becomes
# what rd.emergency says. Without systemd its reboot fails, init ends, and panic=-1 restarts the machine.
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
