#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A room without IPv4: UEFI's network boot by DHCPv6 loads iPXE, which asks by DHCPv6 again; the machine's own address
# comes from router advertisements. Seeder, job and beacons have addresses of IPv6 alone.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=240 # seconds; about 60 are needed
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

ipxe=/usr/lib/ipxe/snponly.efi
firmware=/usr/share/OVMF/OVMF_CODE_4M.fd
variables=/usr/share/OVMF/OVMF_VARS_4M.fd
server='[fd00:78::1]'

needs_files "$ipxe" "$firmware" "$variables"
prepare_room
cp "$ipxe" "$work/www/"
cp "$variables" "$work/variables"
make_image image 64
full_disk "$work/disk" 72
start_wire fd00:78::1/64
start_dnsmasq --dhcp-range=fd00:78::100,fd00:78::200,slaac,64,1h --dhcp-userclass=set:ipxe,iPXE \
	--dhcp-option="tag:!ipxe,option6:bootfile-url,tftp://$server/snponly.efi" \
	--dhcp-option="tag:ipxe,option6:bootfile-url,http://$server/boot.ipxe"
start_servers
start_seeder image
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda" }' '"on_success": "poweroff"'

# shellcheck disable=SC2046 # words
start_machine machine01 -machine q35 -fw_cfg name=opt/org.tianocore/IPv4PXESupport,string=n \
	-drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware" \
	-drive "if=pflash,format=raw,unit=1,file=$work/variables" \
	$(network_card machine01 ,bootindex=1,romfile=) $(virtio_disk "$work/disk")
await_poweroff machine01 "$machine"

expect_last_beacon machine01 '"state": *"done"'
expect_image "$work/image" "$work/disk"
echo "passed: imaged without IPv4"
