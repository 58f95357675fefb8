#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A network that has a DHCP server already, beside `rawswarm serve ROOM --dnsmasq proxy`: the machine has its address
# from the one and what to boot from the other. It is in no room.json; a person orders its image by its hardware address,
# and it is imaged once. Who does not boot from the network never hears of the room's server.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 80 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=SCRIPTDIR/support/served_room.sh
. "$(dirname "$0")/support/served_room.sh"

# start_neighbour NAME: a machine without a disk of its own, a network namespace on the wire. Its process id is in
# $neighbour.
start_neighbour() {
	start_service "$1" unshare --net sleep "$((time_limit * 2))"
	neighbour=${services##* }
	tries=50
	while [ "$(readlink "/proc/$neighbour/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "no network of its own for $1"
		sleep 0.1
	done
	ip link add "$1" type veth peer name card netns "$neighbour"
	ip link set "$1" master wire up
	nsenter -t "$neighbour" -n ip link set card up
}

needs nsenter
prepare_served_room
make_room
make_golden 64
put_image golden
full_disk "$work/disk" 72
write_room '"machines": {}'
start_neighbour router
nsenter -t "$neighbour" -n ip address add 10.78.0.2/24 dev card
start_service dhcp nsenter -t "$neighbour" -n dnsmasq --conf-file=/dev/null --keep-in-foreground --user=root --port=0 \
	--interface=card --bind-interfaces --no-ping --log-dhcp --log-facility=- --pid-file= \
	--dhcp-leasefile="$work/leases" --dhcp-range=10.78.0.100,10.78.0.200,255.255.255.0,1h
# shellcheck disable=SC2046 # words
start_serve $(on_page 'rawswarm serve /srv/room --dnsmasq proxy --interface eth1')
rawswarm room image "$(mac_of machine01)" golden >/dev/null

# An ordinary client, which asks both of them for an address.
start_neighbour laptop
nsenter -t "$neighbour" -n busybox udhcpc -i card -f -q -n -s /bin/true >"$work/laptop.log" 2>&1 \
	|| fail "an ordinary client has no address"
grep -q 'lease of 10\.78\.0\.1[0-9][0-9] obtained from 10\.78\.0\.2' "$work/laptop.log" \
	|| fail "the address of an ordinary client is not from the DHCP server that was there"
! grep -q 'DHCP\(OFFER\|ACK\|NAK\)' "$work/serve.log" || fail "the room's server gave an address"

# shellcheck disable=SC2046 # words
start_machine machine01 $(network_card machine01 ,bootindex=1) $(bootable_disk "$work/disk")
await_poweroff machine01 "$machine"

expect_image "$work/golden" "$work/disk"
expect_starts machine01 1
machine_json machine01 | grep -q '"given": *"golden"' || fail "the server does not know that machine01 has its image"
grep -q "$(mac_of machine01)" "$work/leases" || fail "the machine's address is not from the DHCP server that was there"
[ ! -s "$room/state/dnsmasq.leases" ] || fail "the room's server gave an address"
echo "passed: imaged beside another DHCP server, then booted from its own disk"
