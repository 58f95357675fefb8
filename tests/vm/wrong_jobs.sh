#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Machines whose job cannot be carried out. Each reports why in its beacons, and ends as its job or the kernel
# parameters say: with a power-off, a reboot, or a shell, from which it can still be imaged by hand and above which
# large letters say that it failed.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 80 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
prepare_room
make_image image 16
full_disk "$work/full" 24
start_services
start_seeder image

boot_with_disk() {
	cp "$work/full" "$work/$1.disk"
	# shellcheck disable=SC2046 # words
	boot_now "$1" $(virtio_disk "$work/$1.disk")
}

echo '{ "version": 1, "targets": [' >"$work/www/$(mac_of unreadable01).json"
parameters='rd.rawswarm.on_failure=poweroff'
boot_with_disk unreadable01
off=$machine

parameters='rd.rawswarm.on_failure=reboot'
boot_with_disk unknown02
again=$machine

write_job by_hand03 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "poweroff"'
mv "$work/www/$(mac_of by_hand03).json" "$work/www/by_hand.json"
# This job has no on_failure, whose default is the shell.
write_job diskless03 '{ "torrent": "image.torrent", "device": "/dev/vdz" }'
mkfifo "$work/line.in" "$work/line.out"
start_service diskless03.console cat "$work/line.out"
parameters='' console=pipe:$work/line
boot_with_disk diskless03
shell=$machine

await_poweroff unreadable01 "$off"
expect_last_beacon unreadable01 '"state": *"failed"' '"code": *3[,}]' "reading http://$server/"

await_beacon unknown02 '"state": *"failed"' "$time_limit"
expect_last_beacon unknown02 '"code": *7[,}]' 'the server answered 404'
first=$(beacons_of unknown02 | head -n 1 | sed 's/.*"run": *"\([0-9a-f]*\)".*/\1/')
tries=$((time_limit * 2))
until beacons_of unknown02 | grep -qv "\"run\": *\"$first\""; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || fail "unknown02 was not started again"
	sleep 0.5
done
kill "$again"

await_beacon diskless03 '"state": *"failed"' "$time_limit"
expect_last_beacon diskless03 '"code": *4[,}]' '/dev/vdz'
grep -q '^########    ####    ######  ##        ########  ######' "$work/diskless03.console.log" \
	|| fail "the console of diskless03 does not show FAILED in large letters"
for name in unreadable01 unknown02 diskless03; do
	cmp "$work/$name.disk" "$work/full" || fail "the disk of $name was written"
done
# typed again until the shell has read it
while kill -0 "$shell" 2>/dev/null && ! beacons_of diskless03 | grep -q '"job": *"by_hand03"'; do
	timeout 5 sh -c "echo 'rawswarm run http://$server/by_hand.json' >$work/line.in" || true
	sleep 2
done
await_poweroff diskless03 "$shell"
expect_last_beacon diskless03 '"state": *"done"' '"job": *"by_hand03"'
expect_image "$work/image" "$work/diskless03.disk"
echo "passed: off, again, and by hand"
