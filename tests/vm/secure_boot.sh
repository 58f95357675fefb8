#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same as uefi.sh with Secure Boot and the keys of Microsoft: the firmware loads Debian's shim, which loads GRUB,
# which loads the kernel; each is signed. An initramfs is not.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 50 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

shim=/usr/lib/shim/shimx64.efi.signed
grub=/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed
firmware=/usr/share/OVMF/OVMF_CODE_4M.ms.fd
variables=/usr/share/OVMF/OVMF_VARS_4M.ms.fd

# without it the loader says nothing to a `quiet` kernel
parameters=efi=debug

needs_files "$shim" "$grub" "$firmware" "$variables"
prepare_room
cp "$shim" "$work/www/shimx64.efi"
cp "$grub" "$work/www/grubx64.efi"
cp "$variables" "$work/variables"
make_image image 64
full_disk "$work/disk" 72
dhcp_options='--dhcp-match=set:efi,option:client-arch,7 --dhcp-boot=tag:efi,shimx64.efi'
start_services
start_seeder image
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "poweroff"'

# shellcheck disable=SC2046 # words
start_machine machine01 -machine q35,smm=on -global driver=cfi.pflash01,property=secure,value=on \
	-drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware" \
	-drive "if=pflash,format=raw,unit=1,file=$work/variables" \
	$(network_card machine01 ,bootindex=1,romfile=) $(virtio_disk "$work/disk")
await_poweroff machine01 "$machine"

grep -q 'UEFI Secure Boot is enabled' "$work/machine01.console.log" || fail "the kernel did not see Secure Boot"
expect_last_beacon machine01 '"state": *"done"'
expect_image "$work/image" "$work/disk"
echo "passed: imaged by Secure Boot"
