#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A disk of 1 GiB on a machine with 256 MiB of memory, which also holds an initramfs with the drivers for real
# hardware. Gaps of the image must become zeros.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed
flavour=amd64
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
prepare_room
# 150 MiB of data, spread over the disk
truncate -s 1G "$work/image"
truncate -s 1G "$work/disk"
start=0
while [ "$start" -lt 1024 ]; do
	random_extent "$work/image" "$start" 3
	random_extent "$work/disk" "$start" 4
	start=$((start + 20))
done
random_extent "$work/image" 1023 1
make_torrent image
start_services
start_seeder image
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "poweroff"'

# shellcheck disable=SC2046 # words
boot_now machine01 -m 256 $(virtio_disk "$work/disk")
await_poweroff machine01 "$machine"

expect_last_beacon machine01 '"state": *"done"'
expect_image "$work/image" "$work/disk"
echo "passed: 1 GiB with 256 MiB of memory"
