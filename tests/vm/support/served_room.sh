# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# Shared by the tests of `rawswarm serve`: a room's folder, and the program as the only server on the wire. Sourced
# after room.sh, by a script that calls prepare_served_room first.

# The room's folder, the socket of its server, and the server's process id.
# shellcheck disable=SC2034 # used by the scripts that source this
room='' socket='' serve=''
: "${work?}" "${services?}" "${kernel:?}" "${top:?}" "${server:?}" "${rawswarm:?}" "${emulated:?}"

# prepare_served_room: makes $work and $room, with boot/ and an empty images/, and the wire with the server's addresses.
prepare_served_room() {
	needs busybox cpio depmod dnsmasq ip qemu-system-x86_64 zstd
	make_work_folder
	room=$work/room socket=$work/serve.sock
	mkdir -p "$room/images"
	"$top/initramfs/netboot" "$kernel" --agent "$rawswarm" -o "$room/boot"
	start_wire "$server/24"
	# so that iPXE need not wait for an advertisement
	ip address add fd00:78::1/64 dev wire nodad
}

# make_golden SIZE, in MiB: images/golden, an image whose boot sector switches the machine off, and its torrent.
make_golden() {
	make_image golden "$1"
	make_bootable golden
	put_image golden
}

# put_image NAME: $work/NAME into the room, with its torrent.
put_image() {
	ln "$work/$1" "$room/images/$1.img"
	"$rawswarm" create --skip-zeros "$room/images/$1.img" -o "$room/images/$1.torrent" >/dev/null
}

# write_room MEMBER...: room.json. MEMBER is JSON.
write_room() {
	# loglevel: so that each start of the kernel says so
	{
		printf '{ "version": 1, "name": "room.test", "device": "/dev/vda"'
		printf ', "append": "console=ttyS0 loglevel=6 %s"' "$emulated"
		printf ',\n	"job": { "seed_until": { "idle_seconds": 1 }, "timeout_seconds": 90 }'
		for member in "$@"; do
			printf ',\n	%s' "$member"
		done
		echo ' }'
	} >"$room/room.json"
}

# start_serve OPTION...: its process id is in $serve.
start_serve() {
	start_service serve "$rawswarm" serve "$room" --interface wire --socket "$socket" --log debug "$@"
	# shellcheck disable=SC2034 # used by the scripts that source this
	serve=${services##* }
	await_text serve 'dnsmasq.*started' 10
}

# ask_room WORD...: `rawswarm room` to this server.
ask_room() {
	"$rawswarm" room --socket "$socket" "$@"
}

# await_text LOG PATTERN SECONDS [COUNT]: COUNT lines of $work/LOG.log have it.
await_text() {
	tries=$(($3 * 5))
	until [ "$(grep -ac -- "$2" "$work/$1.log")" -ge "${4:-1}" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "no line of $1.log has $2"
		sleep 0.2
	done
}

# machine_json NAME: what `room list` says of the machine, as lines of JSON.
machine_json() {
	ask_room list --json | tr -d '\n' | sed 's/{ *"name"/\n&/g' | grep "\"$(mac_of "$1")\""
}

# await_done NAME SECONDS: the server has it that the machine has its image.
await_done() {
	tries=$(($2 * 5))
	until machine_json "$1" | grep -q '"given"'; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "the server does not know that $1 has its image"
		sleep 0.2
	done
}

# await_end PID: of a process that is not our child.
await_end() {
	tries=25
	while kill -0 "$1" 2>/dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "process $1 did not end"
		sleep 0.2
	done
}

# expect_starts NAME COUNT: of the kernel of boot/.
expect_starts() {
	starts=$(grep -ac 'Linux version' "$work/$1.console.log") || true
	[ "$starts" -eq "$2" ] || fail "$1 was started from the network $starts times"
}
