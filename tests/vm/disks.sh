#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# NVMe and AHCI disks in one machine with an Intel network card, on the kernel for real hardware, whose drivers the
# machine has to find by itself. The job names disks by their serial numbers: the first gets an image, the second a
# partition table and an image in one of its partitions, and a third one stays as it is. A second network card has
# no network, and the machine is not told which one has.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed
flavour=amd64
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
prepare_room
make_image first 32
make_image second 24
for disk in nvme ahci spare; do
	full_disk "$work/$disk" 40
done
start_services
start_seeder first
start_seeder second 6882
write_job machine01 '{ "torrent": "first.torrent", "device": { "serial": "NVME-ONE" } },
	{ "torrent": "second.torrent", "device": { "serial": "AHCI-TWO", "partlabel": "system" } }' \
	'"partition_tables": [ { "disk": { "serial": "AHCI-TWO" },
		"script": "label: gpt\nsize=2MiB, type=uefi\nname=system\n" } ]' '"on_success": "poweroff"'
sed -i "s/\"$server:6881\"/&, \"$server:6882\"/" "$work/www/$(mac_of machine01).json"

card=e1000e
# shellcheck disable=SC2046 # words
boot_now machine01 -machine q35 $(idle_network_card) \
	-drive "if=none,id=nvme,format=raw,file=$work/nvme" -device nvme,drive=nvme,serial=NVME-ONE \
	-drive "if=none,id=spare,format=raw,file=$work/spare" -device ide-hd,bus=ide.0,drive=spare,serial=SPARE \
	-drive "if=none,id=ahci,format=raw,file=$work/ahci" -device ide-hd,bus=ide.1,drive=ahci,serial=AHCI-TWO
await_poweroff machine01 "$machine"

expect_last_beacon machine01 '"state": *"done"'
expect_image "$work/first" "$work/nvme"
# after the first MiB and the 2 MiB of the other partition
tail -c "+$((3 * MiB + 1))" "$work/ahci" | cmp -n "$((24 * MiB))" - "$work/second" \
	|| fail "the partition differs from its image"
full_disk "$work/full" 40
cmp "$work/spare" "$work/full" || fail "a disk was written that the job does not name"
echo "passed: NVMe and AHCI"
