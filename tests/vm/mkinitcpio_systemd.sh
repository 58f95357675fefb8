#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The unit that the install hook for mkinitcpio puts into an initramfs with systemd. Debian does not have mkinitcpio:
# a harness runs the hook (support/mkinitcpio_functions.sh), and dracut, without our module, makes the rest of the
# initramfs, with systemd, systemd-networkd and the drivers. A disk is imaged and the system on it booted. If the job
# is not there the root is not mounted.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$(dirname "$0")/support/generated_initramfs.sh"

build_initramfs() {
	BUILDROOT=$work/root
	# shellcheck source=SCRIPTDIR/support/mkinitcpio_functions.sh
	. "$(dirname "$0")/support/mkinitcpio_functions.sh"
	# dracut adds the drivers.
	add_module() { :; }
	# mkinitcpio has this function if HOOKS contains systemd.
	add_systemd_unit() { add_file "/usr/lib/systemd/system/$1"; }
	# shellcheck source=SCRIPTDIR/../../mkinitcpio/install/rawswarm
	. /usr/lib/initcpio/install/rawswarm
	build >"$work/build.log" 2>&1
	modules="base bash dbus dracut-systemd fs-lib kernel-modules kernel-network-modules network rootfs-block"
	modules="$modules shutdown systemd systemd-initrd systemd-networkd udev-rules"
	run_dracut "$modules" --include "$BUILDROOT" /
}

prepare_generator dracut networkctl dbus-daemon
build_initramfs

boot_imaged_and_missing "http://$server" "root=LABEL=imaged rw ip=dhcp" \
	"rd.shell=0 rd.emergency=poweroff rd.rawswarm.beacon=$server:7700 rd.rawswarm.timeout=3"
expect_imaged_and_missing
echo "passed"
