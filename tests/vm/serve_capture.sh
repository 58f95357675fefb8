#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The disk of one machine becomes an image of the room: the machine boots from the network, is read, and boots its own
# disk again, which nobody has written to. Two other machines are given the image.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed, twice
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=SCRIPTDIR/support/served_room.sh
. "$(dirname "$0")/support/served_room.sh"

# start_with_disk NAME DISK
start_with_disk() {
	# shellcheck disable=SC2046 # words
	start_machine "$1" $(network_card "$1" ,bootindex=1) $(bootable_disk "$2")
}

prepare_served_room
make_room
make_golden 48
cp "$work/golden" "$work/disk"
write_room "\"machines\": { \"pc-01\": { \"mac\": \"$(mac_of machine01)\" },
		\"pc-02\": { \"mac\": \"$(mac_of machine02)\" }, \"pc-03\": { \"mac\": \"$(mac_of machine03)\" } }"
start_serve rawswarm serve "$room" --dnsmasq full --interface wire

run_page 'rawswarm room capture pc-01 win11'
start_with_disk machine01 "$work/disk"
await_poweroff machine01 "$machine"
expect_starts machine01 1
cmp "$work/disk" "$work/golden" || fail "the disk that was captured was written"
[ -e "$room/images/win11.torrent" ] || fail "the image has not arrived"

rawswarm room image pc-02,pc-03 win11 >"$work/order.log"
for name in machine02 machine03; do
	full_disk "$work/$name.disk" 56
	start_with_disk "$name" "$work/$name.disk"
done
# shellcheck disable=SC2086 # words
set -- $machines
await_poweroff machine02 "$2"
await_poweroff machine03 "$3"
for name in machine02 machine03; do
	expect_image "$work/golden" "$work/$name.disk"
	expect_starts "$name" 1
done
echo "passed: captured from one machine, and put on two others"
