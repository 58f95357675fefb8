#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same as serve_full.sh with UEFI, for a machine that room.json names by its UUID: the firmware's network boot loads
# iPXE from the server, the machine is imaged and restarts, iPXE leaves, and the firmware boots the disk.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 80 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=SCRIPTDIR/support/served_room.sh
. "$(dirname "$0")/support/served_room.sh"

ipxe=/usr/lib/ipxe/snponly.efi
firmware=/usr/share/OVMF/OVMF_CODE_4M.fd
variables=/usr/share/OVMF/OVMF_VARS_4M.fd
uuid=6f1d2a88-3c52-4a5e-9f0e-5a7d1c2b3e4f

needs_files "$ipxe" "$firmware" "$variables"
prepare_served_room
make_room
make_uefi_golden
put_image golden
full_disk "$work/disk" 20
cp "$variables" "$work/variables"
write_room "\"machines\": { \"pc-01\": { \"uuid\": \"$uuid\", \"image\": \"golden\" } }"
start_serve rawswarm serve "$room" --dnsmasq full --interface wire

mkfifo "$work/monitor.in" "$work/monitor.out"
# shellcheck disable=SC2046 # words
start_machine machine01 -machine q35 -uuid "$uuid" -monitor "pipe:$work/monitor" \
	-drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware" \
	-drive "if=pflash,format=raw,unit=1,file=$work/variables" \
	$(network_card machine01 ,bootindex=1,romfile=) $(bootable_disk "$work/disk")
await_done machine01 "$time_limit"

# What is next in a virtual machine are three more ways to boot from the network, of a minute each: they find no cable.
await_text machine01.console 'BdsDxe: failed to start Boot.*PXEv4' "$time_limit"
echo 'set_link wire off' >"$work/monitor.in"
await_poweroff machine01 "$machine"

expect_image "$work/golden" "$work/disk"
expect_starts machine01 1
echo "passed: imaged by UEFI's network boot, then booted from its own disk"
