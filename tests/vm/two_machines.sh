#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Two machines at once, and a seeder that is slower than their wire: each must get pieces from the other.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=200 # seconds; about 50 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
prepare_room
make_image image 64
start_services
cat >"$work/seed.json" <<JOB
{
	"version": 1,
	"targets": [ { "torrent": "www/image.torrent", "device": "$work/image", "role": "seed" } ],
	"swarm": { "listen": "$server:6881", "lsd": false, "upload_limit": $((4 * MiB)) },
	"seed_until": { "seconds": $time_limit, "idle_seconds": 0 }
}
JOB
start_service seed "$rawswarm" run "$work/seed.json"
for name in machine01 machine02; do
	full_disk "$work/$name.disk" 72
	# the other machine is found by local discovery, or the seeder introduces it
	write_job "$name" '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "poweroff"'
	sed -i 's/"lsd": false/"lsd": true/; s/"idle_seconds": 1 /"idle_seconds": 10 /' \
		"$work/www/$(mac_of "$name").json"
	# shellcheck disable=SC2046 # words
	boot_now "$name" $(virtio_disk "$work/$name.disk")
done
# shellcheck disable=SC2086 # words
set -- $machines
await_poweroff machine01 "$1"
await_poweroff machine02 "$2"

for name in machine01 machine02; do
	expect_last_beacon "$name" '"state": *"done"'
	expect_image "$work/image" "$work/$name.disk"
	# the seeder downloads nothing, so a machine can only upload to the other
	beacons_of "$name" | grep -q '"up": *[1-9]' || fail "$name gave nothing to the other machine"
done
echo "passed: two machines"
