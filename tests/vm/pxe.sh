#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A machine with an empty disk, from power-on: its network card's boot ROM, DHCP, the iPXE script, kernel and
# initramfs, the job by its MAC address, and power-off. Only the room's server tells it what to do.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=150 # seconds; about 40 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=SCRIPTDIR/../../toolchain/loopback.sh
. "$top/toolchain/loopback.sh"

prepare_room
make_image image 64
full_disk "$work/disk" 72
start_services
start_seeder image
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "poweroff"'

started=$(uptime_seconds)
# shellcheck disable=SC2046 # words
start_machine machine01 $(network_card machine01 ,bootindex=1) $(virtio_disk "$work/disk")
await_poweroff machine01 "$machine"
ended=$(uptime_seconds)

expect_last_beacon machine01 '"state": *"done"' '"job": *"machine01"'
expect_image "$work/image" "$work/disk"
echo "passed: from power-on to imaged and off in $(seconds_between "$started" "$ended") s"
