#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A machine that always boots from the network first: it is imaged once, restarts, finds that its job is gone, and
# boots what it was imaged with, which switches it off. A machine that never had a job boots its own disk as well.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

prepare_room
make_image image 64
make_bootable image
full_disk "$work/disk" 72
start_services
start_hook
start_seeder image
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "reboot"'
cp "$work/image" "$work/jobless"

# shellcheck disable=SC2046 # words
start_machine machine01 $(network_card machine01 ,bootindex=1) $(bootable_disk "$work/disk")
imaged=$machine
# shellcheck disable=SC2046 # words
start_machine jobless02 $(network_card jobless02 ,bootindex=1) $(bootable_disk "$work/jobless")
await_poweroff jobless02 "$machine"
await_poweroff machine01 "$imaged"

expect_imaged_once machine01
expect_image "$work/image" "$work/disk"
cmp "$work/jobless" "$work/image" || fail "the disk of a machine without a job was written"
! beacons_of jobless02 || fail "a machine without a job was started from the network"
echo "passed: imaged once, then booted from its own disk"
