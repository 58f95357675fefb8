#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The dracut module, in an initramfs built by the real dracut, with its own init and its older network scripts:
# images a disk and boots the system that it has written; a job that is not there and a wrong parameter leave
# the disk alone. Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
time_limit=110 # seconds
# shellcheck source=SCRIPTDIR/support/room.sh
. "$top/tests/vm/support/room.sh"
# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$top/tests/vm/support/generated_initramfs.sh"
enter_room "$0"

build_initramfs() {
	modules="base bash kernel-modules kernel-network-modules network network-legacy rawswarm rootfs-block"
	modules="$modules shutdown udev-rules"
	dracut --quiet --force --no-compress --no-hostonly --no-early-microcode --kver "$version" \
		--modules "$modules" --kernel-cmdline "rd.rawswarm.beacon=$server:7700" "$work/initramfs" \
		>"$work/build.log" 2>&1 || fail "dracut did not build an initramfs"
}

# The job and its torrent come from a name, which DHCP says whom to ask for.
name_port=53 dhcp_options="--address=/room.test/$server --no-resolv --no-hosts"
prepare_generator dracut dhclient arping
build_initramfs

# Where beacons go is built into the initramfs; job.json says it as well, a job that is not there can not.
#
# A machine that was to be imaged and was not must not go on: with rd.shell=0 dracut's emergency shell becomes
# what rd.emergency says. Without systemd its reboot fails, init ends, and panic=-1 restarts the machine.
emergency="rd.shell=0 rd.emergency=reboot"
job="rd.rawswarm.job=http://room.test"
cp "$work/source" "$work/disk.missing"
cp "$work/source" "$work/disk.wrong"
boot_generated imaged01 "$work/disk" "root=LABEL=imaged rw $job/job.json"
imaged=$machine
boot_generated missing02 "$work/disk.missing" "root=LABEL=imaged rw $job/no.json $emergency" \
	rd.rawswarm.timeout=3
missing=$machine
boot_generated wrong03 "$work/disk.wrong" "root=LABEL=imaged rw $job/job.json rd.rawswarm.jobb=x $emergency"
wrong=$machine

await_poweroff imaged01 "$imaged"
expect_imaged_and_booted "$work/disk"
expect_last_beacon imaged01 '"state": *"done"'
await_poweroff missing02 "$missing"
expect_untouched "$work/disk.missing"
expect_last_beacon missing02 '"state": *"failed"'
await_poweroff wrong03 "$wrong"
expect_untouched "$work/disk.wrong"
expect_no_lease wrong03
echo "passed"
