#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The dracut module in an initramfs with systemd and systemd-networkd: images a disk and boots the system that it
# has written. A job that is not there leaves the disk alone.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$(dirname "$0")/support/generated_initramfs.sh"

build_initramfs() {
	modules="base bash dbus dracut-systemd fs-lib kernel-modules kernel-network-modules network rawswarm"
	modules="$modules rootfs-block shutdown systemd systemd-initrd systemd-networkd udev-rules"
	run_dracut "$modules"
}

prepare_generator dracut networkctl dbus-daemon
build_initramfs

boot_imaged_and_missing "http://$server" "root=LABEL=imaged rw ip=dhcp" \
	"rd.shell=0 rd.emergency=poweroff rd.rawswarm.beacon=$server:7700 rd.rawswarm.timeout=3"
expect_imaged_and_missing
echo "passed"
