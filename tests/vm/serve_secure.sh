#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same as serve_uefi.sh with Secure Boot and the keys of Microsoft: the firmware loads Debian's shim from the server,
# which loads GRUB, which starts the kernel while the machine is to be imaged, and what the disk has from then on.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 80 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"
# shellcheck source=SCRIPTDIR/support/served_room.sh
. "$(dirname "$0")/support/served_room.sh"

shim=/usr/lib/shim/shimx64.efi.signed
loader=/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed
firmware=/usr/share/OVMF/OVMF_CODE_4M.ms.fd
variables=/usr/share/OVMF/OVMF_VARS_4M.ms.fd

needs_files "$shim" "$loader" "$firmware" "$variables"
prepare_served_room
make_room
make_uefi_golden
put_image golden
full_disk "$work/disk" 20
cp "$variables" "$work/variables"
write_room "\"machines\": { \"pc-01\": { \"mac\": \"$(mac_of machine01)\", \"image\": \"golden\" } }"
start_serve rawswarm serve "$room" --dnsmasq full --interface wire --secure-boot

# shellcheck disable=SC2046 # words
start_machine machine01 -machine q35,smm=on -global driver=cfi.pflash01,property=secure,value=on \
	-drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware" \
	-drive "if=pflash,format=raw,unit=1,file=$work/variables" \
	$(network_card machine01 ,bootindex=1,romfile=) $(bootable_disk "$work/disk")
await_poweroff machine01 "$machine"

expect_image "$work/golden" "$work/disk"
expect_starts machine01 1
echo "passed: imaged by Secure Boot, then booted from its own disk"
