#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same as pxe.sh with UEFI: the firmware's own network boot, which loads iPXE. The machine restarts, its job is gone,
# and iPXE leaves in such a way that the firmware goes on to what is next in its order.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

ipxe=/usr/lib/ipxe/snponly.efi
firmware=/usr/share/OVMF/OVMF_CODE_4M.fd
variables=/usr/share/OVMF/OVMF_VARS_4M.fd

needs_files "$ipxe" "$firmware" "$variables"
prepare_room
cp "$ipxe" "$work/www/"
cp "$variables" "$work/variables"
make_image image 64
full_disk "$work/disk" 72
dhcp_options='--dhcp-match=set:efi,option:client-arch,7 --dhcp-boot=tag:efi,tag:!ipxe,snponly.efi'
start_services
start_hook
start_seeder image
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "reboot"'

# shellcheck disable=SC2046 # words
start_machine machine01 -machine q35 \
	-drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware" \
	-drive "if=pflash,format=raw,unit=1,file=$work/variables" \
	$(network_card machine01 ,bootindex=1,romfile=) $(virtio_disk "$work/disk")

# What is next in a virtual machine are three more ways to boot from the network, of a minute each: not waited for.
await_beacon machine01 '"state": *"done"' "$time_limit"
tries=$((time_limit * 2))
until grep -aq 'BdsDxe: failed to start Boot.*PXEv4' "$work/machine01.console.log"; do
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || fail "the firmware did not go on"
	sleep 0.5
done
kill "$machine"

expect_imaged_once machine01
expect_image "$work/image" "$work/disk"
echo "passed: imaged by UEFI's network boot, which then went on"
