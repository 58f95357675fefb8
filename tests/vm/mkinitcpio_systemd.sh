#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The unit that the install hook of mkinitcpio puts into an initramfs that systemd runs. Debian does not have
# mkinitcpio: the hook is run by a harness (support/mkinitcpio_functions.sh), and the rest of the initramfs, with
# systemd, systemd-networkd and the drivers, is dracut's, without the dracut module. A disk is imaged and the system
# on it booted; where the job is not there, the root is not mounted.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
time_limit=110 # seconds
# shellcheck source=SCRIPTDIR/support/room.sh
. "$top/tests/vm/support/room.sh"
# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$top/tests/vm/support/generated_initramfs.sh"
enter_room "$0"

build_initramfs() {
	BUILDROOT=$work/root
	# shellcheck source=SCRIPTDIR/support/mkinitcpio_functions.sh
	. "$top/tests/vm/support/mkinitcpio_functions.sh"
	# The drivers are dracut's.
	add_module() { :; }
	# There is where HOOKS has systemd.
	add_systemd_unit() { add_file "/usr/lib/systemd/system/$1"; }
	# shellcheck source=SCRIPTDIR/../../mkinitcpio/install/rawswarm
	. /usr/lib/initcpio/install/rawswarm
	build >"$work/build.log" 2>&1
	modules="base bash dbus dracut-systemd fs-lib kernel-modules kernel-network-modules network rootfs-block"
	modules="$modules shutdown systemd systemd-initrd systemd-networkd udev-rules"
	dracut --quiet --force --no-compress --no-hostonly --no-early-microcode --kver "$version" \
		--modules "$modules" --include "$BUILDROOT" / "$work/initramfs" \
		>>"$work/build.log" 2>&1 || fail "dracut did not build an initramfs"
}

prepare_generator dracut networkctl dbus-daemon
build_initramfs

job="rd.rawswarm.job=http://$server"
cp "$work/source" "$work/disk.missing"
boot_generated imaged01 "$work/disk" "root=LABEL=imaged rw ip=dhcp $job/job.json"
imaged=$machine
boot_generated missing02 "$work/disk.missing" "root=LABEL=imaged rw ip=dhcp $job/no.json" \
	"rd.shell=0 rd.emergency=poweroff rd.rawswarm.beacon=$server:7700 rd.rawswarm.timeout=3"
missing=$machine

await_poweroff imaged01 "$imaged"
expect_imaged_and_booted "$work/disk"
expect_last_beacon imaged01 '"state": *"done"'
await_poweroff missing02 "$missing"
expect_untouched "$work/disk.missing"
expect_last_beacon missing02 '"state": *"failed"'
echo "passed"
