#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The hook and script of initramfs-tools, in an initramfs built by the real mkinitramfs: images a disk and boots
# the system that it has written; a job that is not there leaves the disk alone.
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
	mkdir -p "$work/conf/conf.d" "$work/conf/hooks" "$work/conf/scripts"
	printf '%s\n' MODULES=most BUSYBOX=auto COMPRESS=gzip DEVICE= >"$work/conf/initramfs.conf"
	: >"$work/conf/modules"
	mkinitramfs -d "$work/conf" -o "$work/initramfs" "$version" >"$work/build.log" 2>&1 \
		|| fail "mkinitramfs did not build an initramfs"
}

# The job and its torrent come from a name, which DHCP says whom to ask for.
name_port=53 dhcp_options="--address=/room.test/$server --no-resolv --no-hosts"
prepare_generator mkinitramfs
build_initramfs

# The emergency shell of initramfs-tools is a restart with panic=-1.
job="rd.rawswarm.job=http://room.test"
cp "$work/source" "$work/disk.missing"
boot_generated imaged01 "$work/disk" "root=LABEL=imaged rw ip=dhcp $job/job.json"
imaged=$machine
boot_generated missing02 "$work/disk.missing" "root=LABEL=imaged rw ip=dhcp $job/no.json" \
	"rd.rawswarm.beacon=$server:7700 rd.rawswarm.timeout=3"
missing=$machine

await_poweroff imaged01 "$imaged"
expect_imaged_and_booted "$work/disk"
expect_last_beacon imaged01 '"state": *"done"'
await_poweroff missing02 "$missing"
expect_untouched "$work/disk.missing"
expect_last_beacon missing02 '"state": *"failed"'
echo "passed"
