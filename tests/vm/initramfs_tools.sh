#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The hook and script for initramfs-tools, in an initramfs built by mkinitramfs: images a disk and boots the system
# that it has written. A job that is not there leaves the disk alone: the emergency shell of initramfs-tools is
# a restart with panic=-1.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$(dirname "$0")/support/generated_initramfs.sh"

build_initramfs() {
	mkdir -p "$work/conf/conf.d" "$work/conf/hooks" "$work/conf/scripts"
	printf '%s\n' MODULES=most BUSYBOX=auto COMPRESS=gzip DEVICE= >"$work/conf/initramfs.conf"
	: >"$work/conf/modules"
	make_initramfs
	! has_program || fail "the program is in an initramfs that was not asked for"
	echo RAWSWARM=yes >"$work/conf/conf.d/rawswarm"
	make_initramfs
	has_program || fail "the program is not in the initramfs"
}

make_initramfs() {
	mkinitramfs -d "$work/conf" -o "$work/initramfs" "$version" >"$work/build.log" 2>&1 \
		|| fail "mkinitramfs did not build an initramfs"
}

has_program() {
	lsinitramfs "$work/initramfs" | grep -qx usr/bin/rawswarm
}

serve_names
prepare_generator mkinitramfs lsinitramfs
build_initramfs

# The emergency shell of initramfs-tools is a restart with panic=-1.
boot_imaged_and_missing http://room.test "root=LABEL=imaged rw ip=dhcp" \
	"rd.rawswarm.beacon=$server:7700 rd.rawswarm.timeout=3"
expect_imaged_and_missing
echo "passed"
