#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The first program in the machine that record_sysfs.sh starts: copies the files of /sys and /proc that rawswarm
# reads, and sends them as a tar archive through the second serial port.
set -u

/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
out=/out

# keep FILE: copies its current content. A file that is missing or cannot be read is left out.
keep() {
	[ -f "$1" ] || return 0
	mkdir -p "$out/${1%/*}"
	cat "$1" >"$out/$1" 2>/dev/null || rm -f "$out/$1"
}

keep_link() {
	[ -L "$1" ] || return 0
	mkdir -p "$out/${1%/*}"
	cp -Pf "$1" "$out/$1"
}

# The folder of a disk or of a partition.
keep_block_folder() {
	for file in dev size ro removable hidden partition start uevent queue/rotational queue/logical_block_size \
		wwid serial dm/name loop/backing_file; do
		keep "$1/$file"
	done
	for link in "$1"/device "$1"/holders/* "$1"/slaves/*; do
		keep_link "$link"
	done
	[ ! -f "$1/dev" ] || keep_link "/sys/dev/block/$(cat "$1/dev")"
}

# The hardware behind a disk, and the USB device that it may be attached to.
keep_hardware() {
	for file in model vendor name serial type wwid vpd_pg80 vpd_pg89; do
		keep "$1/$file"
	done
	keep_link "$1/subsystem"
	above=$1
	while [ "$above" != /sys/devices ] && [ "$above" != / ]; do
		if [ -f "$above/idVendor" ]; then
			keep "$above/idVendor"
			keep "$above/serial"
		fi
		above=$(dirname "$above")
	done
}

# Entries that only the partition table has: /sys has no UUIDs, and labels in ASCII only.
keep_table_entry() {
	mkdir -p "$out/dev/$1"
	blkid -p -s PART_ENTRY_UUID -o value "/dev/$1" >"$out/dev/$1/partuuid"
	blkid -p -s PART_ENTRY_NAME -o value "/dev/$1" >"$out/dev/$1/partlabel"
	[ -s "$out/dev/$1/partlabel" ] || rm "$out/dev/$1/partlabel"
}

disks_with_medium() {
	cat /sys/block/*/size | grep -vc '^0$'
}

while read -r module; do
	insmod "/lib/modules/$module"
done </lib/modules/order
read -r disks </disks
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$(disks_with_medium)" -lt "$disks" ] || break
	sleep 1
done
sleep 1 # the last disk's partitions
# shellcheck source=/dev/null # written by record_sysfs.sh for this machine
. /set_up

for link in /sys/block/*; do
	keep_link "$link"
	disk=$(readlink -f "$link")
	keep_block_folder "$disk"
	[ ! -e "$disk/device" ] || keep_hardware "$(readlink -f "$disk/device")"
	for partition in "$disk"/*/partition; do
		[ -f "$partition" ] || continue
		keep_block_folder "${partition%/*}"
		keep_table_entry "$(basename "${partition%/*}")"
	done
done
keep /proc/self/mountinfo
keep /proc/swaps

stty -F /dev/ttyS1 raw
tar -C "$out" -czf - . >/dev/ttyS1
sync
poweroff -f
