#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same as pxe.sh with PXELINUX instead of an iPXE script: it passes on the card's address, and the program
# puts that into the job's URL itself. Another card, which comes first, has no network. A link named after the machine
# is the order to image it; once that is gone the machine boots its own disk.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

loader=/usr/lib/PXELINUX/pxelinux.0
library=/usr/lib/syslinux/modules/bios/ldlinux.c32

needs_files "$loader" "$library"
prepare_room
cp "$loader" "$library" "$work/www/"
make_image image 64
make_bootable image
full_disk "$work/disk" 72
boot_file=pxelinux.0
start_services
start_hook
start_seeder image
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "reboot"'
ln -s image "$work/www/pxelinux.cfg/01-$(mac_of machine01 | tr : -)"

# shellcheck disable=SC2046 # words
start_machine machine01 $(idle_network_card) $(network_card machine01 ,bootindex=1,addr=9) \
	$(bootable_disk "$work/disk")
await_poweroff machine01 "$machine"

expect_imaged_once machine01
expect_image "$work/image" "$work/disk"
echo "passed: imaged by way of PXELINUX, then booted from its own disk"
