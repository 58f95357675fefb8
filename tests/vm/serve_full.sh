#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# An empty machine and nothing but `rawswarm serve ROOM --dnsmasq full` on the other side, set up as docs/serve.md has it:
# the machine is imaged, restarts from the network, and comes up from its own disk, which switches it off. Between the two
# the server is killed and started again. A machine that nobody named boots its own disk, and is in the list.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 35 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=SCRIPTDIR/support/served_room.sh
. "$(dirname "$0")/support/served_room.sh"

# shellcheck source=SCRIPTDIR/../../toolchain/loopback.sh
. "$top/toolchain/loopback.sh"

needs pgrep
prepare_served_room
make_golden 64
full_disk "$work/disk" 72
cp "$work/golden" "$work/stranger"

started=$(uptime_seconds)
run_page 'mkdir -p /srv/room/images'
run_page 'cp -r build/netboot /srv/room/boot'
run_page 'rawswarm create --compress --map auto /dev/sdb -o /srv/room/images/golden.torrent'
page_room machine01 >"$room/room.json"
run_page 'rawswarm serve /srv/room --check'
run_page 'ip address add 10.0.0.1/24 dev eth1'
command=$(on_page 'rawswarm serve /srv/room --dnsmasq full --interface eth1')
# shellcheck disable=SC2086 # words
start_serve $command

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
await_end "$dnsmasq"
# shellcheck disable=SC2086 # words
start_serve $command

await_poweroff stranger02 "$stranger"
await_poweroff machine01 "$imaged"
ended=$(uptime_seconds)

expect_image "$work/golden" "$work/disk"
cmp "$work/stranger" "$work/golden" || fail "the disk of a machine that nobody named was written"
expect_starts machine01 1
expect_starts stranger02 0
machine_json stranger02 | grep -q '"known": *false' || fail "the machine that nobody named is not in the list"

# The rest of the page.
sh -c "$(on_page 'rawswarm serve /srv/room --dnsmasq full --interface eth1 --print-dnsmasq')" >"$work/printed.log"
diff "$work/printed.log" "$room/state/dnsmasq.conf" || fail "dnsmasq has another configuration than is printed"
run_page 'rawswarm room list'
run_page 'rawswarm room image pc-01,pc-02 golden'
machine_json machine01 | grep -q '"order": *"golden"' || fail "the order is not in the list"
run_page 'rawswarm room cancel pc-02'
run_page 'rawswarm room forget pc-01'
run_page 'rawswarm room image all golden --now'
run_page 'rawswarm room wake all'
echo "passed: from an empty folder to imaged once and booted from its own disk in $(seconds_between "$started" "$ended") s"
