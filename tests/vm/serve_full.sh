#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# An empty machine and nothing but `rawswarm serve ROOM --dnsmasq full` on the other side: it is imaged, restarts from
# the network, and comes up from its own disk, which switches it off. Between the two the server is killed and started
# again. A machine that nobody named boots its own disk, and is in the list.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=SCRIPTDIR/support/served_room.sh
. "$(dirname "$0")/support/served_room.sh"

prepare_served_room
make_golden 64
full_disk "$work/disk" 72
cp "$work/golden" "$work/stranger"
write_room "\"machines\": { \"pc-01\": { \"mac\": \"$(mac_of machine01)\", \"image\": \"golden\" } }"
start_serve --dnsmasq full

# shellcheck disable=SC2046 # words
start_machine machine01 $(network_card machine01 ,bootindex=1) $(bootable_disk "$work/disk")
imaged=$machine
# shellcheck disable=SC2046 # words
start_machine stranger02 $(network_card stranger02 ,bootindex=1) $(bootable_disk "$work/stranger")
stranger=$machine

await_done machine01 "$time_limit"
dnsmasq=$(pgrep -P "$serve" dnsmasq) || fail "dnsmasq does not run"
kill -KILL "$serve"
wait "$serve" || true
! kill -0 "$dnsmasq" 2>/dev/null || await_end "$dnsmasq"
start_serve --dnsmasq full

await_poweroff stranger02 "$stranger"
await_poweroff machine01 "$imaged"

expect_image "$work/golden" "$work/disk"
cmp "$work/stranger" "$work/golden" || fail "the disk of a machine that nobody named was written"
expect_starts machine01 1
expect_starts stranger02 0
machine_json stranger02 | grep -q '"known": *false' || fail "the machine that nobody named is not in the list"
echo "passed: imaged once, then booted from its own disk"
