#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What the initramfs is good for after the imaging, with Debian's kernel for real hardware: a job's `exec` mounts the
# file systems that were imaged, and after a failure the shell understands a keyboard at USB.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed
flavour=amd64
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

needs debugfs mcopy mke2fs mkfs.vfat sfdisk
prepare_room

# Two partitions of 32 and 16 MiB.
truncate -s 56M "$work/image"
printf 'start=1MiB, size=32MiB, type=83\nstart=33MiB, size=16MiB, type=c\n' | sfdisk -q --label dos "$work/image"
mke2fs -q -t ext4 -E "offset=$MiB" "$work/image" 32M
truncate -s 16M "$work/fat"
mkfs.vfat "$work/fat" >"$work/mkfs.log"
echo old >"$work/setting"
mcopy -i "$work/fat" "$work/setting" ::
dd if="$work/fat" of="$work/image" bs="$MiB" seek=33 conv=notrunc status=none
make_torrent image
full_disk "$work/disk" 64
cp "$work/disk" "$work/other"

start_services
start_seeder image
cat >"$work/script" <<'SCRIPT'
mkdir /a /b && mount -t ext4 /dev/vda1 /a && mount -t vfat /dev/vda2 /b && echo new >/b/setting &&
	modprobe xfs && modprobe btrfs && cat /proc/filesystems >/a/known; umount /a /b
SCRIPT
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' \
	"\"on_success\": { \"exec\": [ \"sh\", \"-c\", \"$(tr '\n\t' '  ' <"$work/script")\" ] }"
# shellcheck disable=SC2046 # words
boot_now machine01 $(virtio_disk "$work/disk")
imaged=$machine

# The last of the consoles gets the shell. There is no job for this machine.
parameters='console=tty0'
mkfifo "$work/monitor.in" "$work/monitor.out"
start_service monitor cat "$work/monitor.out"
# shellcheck disable=SC2046 # words
boot_now typing02 -vga std -monitor "pipe:$work/monitor" -device qemu-xhci -device usb-kbd $(virtio_disk "$work/other")
typing=$machine

await_poweroff machine01 "$imaged"
dd if="$work/disk" of="$work/ext4" bs="$MiB" skip=1 count=32 status=none
debugfs -R 'cat /known' "$work/ext4" >"$work/known" 2>/dev/null
for name in ext4 vfat xfs btrfs; do
	grep -qw "$name" "$work/known" || fail "the initramfs does not know $name: $(cat "$work/known")"
done
dd if="$work/disk" of="$work/fat" bs="$MiB" skip=33 count=16 status=none
[ "$(mcopy -i "$work/fat" ::setting -)" = new ] || fail "the program of exec could not write a FAT file system"

await_beacon typing02 '"state": *"failed"' "$time_limit"
# typed again until the shell has read it
while kill -0 "$typing" 2>/dev/null; do
	for key in p o w e r o f f spc minus f ret; do
		timeout 5 sh -c "echo 'sendkey $key' >$work/monitor.in" || true
		sleep 0.3
	done
	sleep 2
done
await_poweroff typing02 "$typing"
echo "passed: mounted, and typed"
