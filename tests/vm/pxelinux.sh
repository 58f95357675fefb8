#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same as pxe.sh with PXELINUX instead of an iPXE script: it passes on the card's address, and the program
# puts that into the job's URL itself. Another card, which comes first, has no network.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=150 # seconds; about 40 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

loader=/usr/lib/PXELINUX/pxelinux.0
library=/usr/lib/syslinux/modules/bios/ldlinux.c32

needs_files "$loader" "$library"
prepare_room
cp "$loader" "$library" "$work/www/"
make_image image 64
full_disk "$work/disk" 72
boot_file=pxelinux.0
start_services
start_seeder image
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "poweroff"'

# shellcheck disable=SC2046 # words
start_machine machine01 $(idle_network_card) $(network_card machine01 ,bootindex=1,addr=9) \
	$(virtio_disk "$work/disk")
await_poweroff machine01 "$machine"

expect_last_beacon machine01 '"state": *"done"'
expect_image "$work/image" "$work/disk"
echo "passed: imaged by way of PXELINUX"
