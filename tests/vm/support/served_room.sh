# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# Shared by the tests of `rawswarm serve`: a room's folder, and the program as the only server on the wire. Sourced
# after room.sh, by a script that calls prepare_served_room first.

# The room's folder, and the server's process id.
# shellcheck disable=SC2034 # used by the scripts that source this
room='' serve=''
: "${work?}" "${services?}" "${kernel:?}" "${top:?}" "${server:?}" "${rawswarm:?}" "${emulated:?}" "${MiB:?}"

# prepare_served_room: makes $work, with what machines boot, and the wire. rawswarm is in PATH, and `rawswarm room` finds
# the server of this script alone.
prepare_served_room() {
	needs busybox cpio depmod dnsmasq ip qemu-system-x86_64 zstd
	make_work_folder
	room=$work/room
	mkdir "$work/bin"
	ln -s "$(realpath "$rawswarm")" "$work/bin/rawswarm"
	PATH=$work/bin:$PATH
	mkdir -p /run/rawswarm
	mount -t tmpfs -o mode=700 tmpfs /run/rawswarm
	"$top/initramfs/netboot" "$kernel" --agent "$rawswarm" -o "$work/netboot"
	# of IPv6, so that iPXE need not wait for an advertisement
	start_wire fd00:78::1/64
}

# make_room: $room, and the server's address, as a script has them that is not about the page.
make_room() {
	mkdir -p "$room/images"
	cp -r "$work/netboot" "$room/boot"
	ip address add "$server/24" dev wire
}

# make_golden SIZE, in MiB: $work/golden, an image whose boot sector switches the machine off.
make_golden() {
	make_image golden "$1"
	make_bootable golden
}

# make_uefi_golden: $work/golden, a disk of 20 MiB whose system partition has GRUB, which switches the machine off.
make_uefi_golden() {
	grub=/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
	needs mcopy mkfs.vfat mmd sfdisk
	needs_files "$grub"
	truncate -s 20M "$work/golden"
	printf 'label: gpt\nstart=1MiB, size=16MiB, type=uefi\n' | sfdisk -q "$work/golden"
	truncate -s 16M "$work/system"
	mkfs.vfat "$work/system" >"$work/mkfs.log"
	echo halt >"$work/grub.cfg"
	mmd -i "$work/system" ::EFI ::EFI/BOOT ::EFI/debian
	mcopy -i "$work/system" "$grub" ::EFI/BOOT/BOOTX64.EFI
	mcopy -i "$work/system" "$work/grub.cfg" ::EFI/debian/
	dd if="$work/system" of="$work/golden" bs="$MiB" seek=1 conv=notrunc status=none
}

# put_image NAME: $work/NAME into the room, with its torrent.
put_image() {
	ln "$work/$1" "$room/images/$1.img"
	rawswarm create --skip-zeros "$room/images/$1.img" -o "$room/images/$1.torrent" >/dev/null
}

# room_members: what every room.json here begins with. loglevel: each start of the kernel says so.
room_members() {
	printf '{ "version": 1, "append": "console=ttyS0 loglevel=6 %s", ' "$emulated"
	echo '"job": { "seed_until": { "idle_seconds": 1 }, "timeout_seconds": 90 },'
}

# write_room MEMBER...: room.json. MEMBER is JSON.
write_room() {
	{
		room_members
		for member in "$@"; do
			printf '	%s,\n' "$member"
		done
		echo '	"name": "room.test", "device": "/dev/vda" }'
	} >"$room/room.json"
}

# start_serve WORD...: the command, with its log. Its process id is in $serve.
start_serve() {
	before=$(lines_with 'started, version' "$work/serve.log")
	start_service serve "$@" --log debug
	# shellcheck disable=SC2034 # used by the scripts that source this
	serve=${services##* }
	await_text serve 'started, version' 20 $((before + 1))
}

# lines_with PATTERN FILE: how many; 0 if the file is not there yet.
lines_with() {
	[ -e "$2" ] || echo 0
	[ ! -e "$2" ] || grep -ac -- "$1" "$2" || true
}

# await_text LOG PATTERN SECONDS [COUNT]: COUNT lines of $work/LOG.log have it.
await_text() {
	tries=$(($3 * 5))
	until [ "$(lines_with "$2" "$work/$1.log")" -ge "${4:-1}" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "no line of $1.log has $2"
		sleep 0.2
	done
}

# machine_json NAME: what `room list` says of the machine, as lines of JSON.
machine_json() {
	rawswarm room list --json | tr -d '\n' | sed 's/{ *"name"/\n&/g' | grep "\"$(mac_of "$1")\""
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
	starts=$(lines_with 'Linux version' "$work/$1.console.log")
	[ "$starts" -eq "$2" ] || fail "$1 was started from the network $starts times"
}

# on_page COMMAND: a line of docs/serve.md, for this room.
on_page() {
	sed -n 's/^ *    //p' "$top/docs/serve.md" | grep -qxF -- "$1" || fail "docs/serve.md has no command: $1"
	echo "$1" | sed "s|/srv/room|$room|g; s|build/netboot|$work/netboot|; s|/dev/sdb|$work/golden|; s|eth1|wire|; \
s|10\\.0\\.0\\.1/|$server/|"
}

# run_page COMMAND
run_page() {
	sh -c "$(on_page "$1")" >>"$work/page.log" 2>&1 || fail "the command of docs/serve.md does not work: $1"
}

# page_room NAME: the first room.json of docs/serve.md, whose pc-01 is the machine NAME.
page_room() {
	room_members
	sed -n '/^ *{ "version": 1,$/,/} }$/{ /"version"/!p; /} }$/q }' "$top/docs/serve.md" \
		| sed "s/52:54:00:12:34:56/$(mac_of "$1")/"
}
