#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The hooks for mkinitcpio, which Debian does not have. A harness stands in for it
# (support/mkinitcpio_functions.sh, support/mkinitcpio_init), so this shows that the two hooks work, and not that
# mkinitcpio accepts them. A disk is imaged and the system on it booted. A job that is not there leaves the disk
# alone. Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$(dirname "$0")/support/generated_initramfs.sh"

lease() {
	cat <<'LEASE'
#!/bin/busybox sh
[ "$1" != bound ] || ifconfig "$interface" "$ip" netmask "$subnet"
LEASE
}

build_initramfs() {
	BUILDROOT=$work/root
	for folder in bin dev etc proc run sys usr/bin usr/lib; do
		mkdir -p "$BUILDROOT/$folder"
	done
	ln -s usr/lib "$BUILDROOT/lib"
	# shellcheck source=SCRIPTDIR/support/mkinitcpio_functions.sh
	. "$(dirname "$0")/support/mkinitcpio_functions.sh"
	# shellcheck source=SCRIPTDIR/../../mkinitcpio/install/rawswarm
	. /usr/lib/initcpio/install/rawswarm
	build >"$work/build.log" 2>&1
	add_module ext4
	depmod -b "$BUILDROOT" "$version" 2>>"$work/build.log" # warns that modules are missing
	add_binary "$(command -v busybox)" /bin/busybox
	add_binary "$(dirname "$0")/support/mkinitcpio_init" /init
	lease >"$BUILDROOT/lease"
	chmod 755 "$BUILDROOT/lease"
	(cd "$BUILDROOT" && find . | cpio --quiet --create --format=newc --owner=0:0) >"$work/initramfs"
}

prepare_generator cpio
build_initramfs

boot_imaged_and_missing "http://$server" "" "rd.rawswarm.beacon=$server:7700 rd.rawswarm.timeout=3"
expect_imaged_and_missing
echo "passed"
