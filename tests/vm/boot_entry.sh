#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A UEFI machine that boots from the network first, and whose job stays: it is imaged, gets an entry for its disk that
# is started next, and comes up from the disk, where GRUB leaves a mark and switches it off. Switched on again it boots
# from the network again, and has the same entry afterwards and no second one.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=200 # seconds; about 40 are needed, twice
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

ipxe=/usr/lib/ipxe/snponly.efi
grub=/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
firmware=/usr/share/OVMF/OVMF_CODE_4M.fd
variables=/usr/share/OVMF/OVMF_VARS_4M.fd

needs mcopy mkfs.vfat mmd sfdisk
needs_files "$ipxe" "$grub" "$firmware" "$variables"
prepare_room
cp "$ipxe" "$work/www/"
cp "$variables" "$work/variables"

# A system partition of 16 MiB, without \EFI\BOOT, and one for what the machine has to say. The signed GRUB takes its
# configuration from there.
truncate -s 20M "$work/image"
printf 'label: gpt\nstart=1MiB, size=16MiB, type=uefi\nsize=1MiB, type=linux\n' | sfdisk -q "$work/image"
truncate -s 16M "$work/system"
mkfs.vfat "$work/system" >"$work/mkfs.log"
printf 'set booted=yes\nsave_env --file /EFI/debian/grubenv booted\nhalt\n' >"$work/grub.cfg"
{
	printf '# GRUB Environment Block\n'
	head -c 999 /dev/zero | tr '\0' '#'
} >"$work/grubenv"
mmd -i "$work/system" ::EFI ::EFI/debian
mcopy -i "$work/system" "$grub" ::EFI/debian/grubx64.efi
mcopy -i "$work/system" "$work/grub.cfg" "$work/grubenv" ::EFI/debian/
dd if="$work/system" of="$work/image" bs="$MiB" seek=1 conv=notrunc status=none
make_torrent image
full_disk "$work/disk" 24

dhcp_options='--dhcp-match=set:efi,option:client-arch,7 --dhcp-boot=tag:efi,tag:!ipxe,snponly.efi'
start_services
start_seeder image
# What the firmware boots, before the machine restarts: a line for each variable, with its bytes.
cat >"$work/script" <<'SCRIPT'
cd /sys/firmware/efi/efivars &&
	for file in Boot[0-9A-F]???-* BootOrder-* BootNext-*; do echo $(echo $file | cut -d - -f 1) $(xxd -p -c 256 $file); done >/dev/vda2
SCRIPT
write_job machine01 '{ "torrent": "image.torrent", "device": "/dev/vda", "unique": true,
	"boot_entry": { "label": "lab disk", "loader": "/EFI/debian/grubx64.efi", "next": true } }' \
	"\"after\": [ { \"exec\": [ \"sh\", \"-c\", \"$(tr '\n\t' '  ' <"$work/script")\" ] } ]" '"on_success": "reboot"' '"on_failure": "poweroff"'

# come_up RUNS: the machine is imaged, for the RUNS-th time, and boots its disk. $vars is what the firmware had.
come_up() {
	# shellcheck disable=SC2046 # words
	start_machine machine01 -machine q35 \
		-drive "if=pflash,format=raw,unit=0,readonly=on,file=$firmware" \
		-drive "if=pflash,format=raw,unit=1,file=$work/variables" \
		$(network_card machine01 ,bootindex=1,romfile=) $(bootable_disk "$work/disk")
	await_poweroff machine01 "$machine"
	expect_last_beacon machine01 '"state": *"done"'
	runs=$(beacons_of machine01 | sed 's/.*"run": *"\([0-9a-f]*\)".*/\1/' | sort -u | wc -l)
	[ "$runs" -eq "$1" ] || fail "machine01 was imaged $runs times"
	dd if="$work/disk" of="$work/system" bs="$MiB" skip=1 count=16 status=none
	mcopy -n -o -i "$work/system" ::EFI/debian/grubenv "$work/grubenv"
	grep -q '^booted=yes$' "$work/grubenv" || fail "the machine did not boot its disk"
	vars=$work/vars.$1.log
	dd if="$work/disk" bs="$MiB" skip=17 count=1 status=none | tr -d '\0\377' >"$vars"
	ip link delete machine01
}

# value_of NAME: of a variable, without its attributes
value_of() {
	sed -n "s/^$1 ........//p" "$vars"
}

# expect_one_entry: there is one with the label, $entry, which is behind the network and is next.
expect_one_entry() {
	# the label in UCS-2, with its end
	entry=$(sed -n 's/^Boot\(....\) .*6c006100620020006400690073006b000000.*/\1/p' "$vars")
	[ "${#entry}" -eq 4 ] || fail "there is not one entry of the label: $(cat "$vars")"
	number=${entry#??}${entry%??}
	[ "$(value_of BootNext)" = "$number" ] || fail "the disk is not what is booted next: $(cat "$vars")"
	case $(value_of BootOrder) in
	"$number"*) fail "the disk is before the network: $(cat "$vars")" ;;
	*"$number"*) ;;
	*) fail "the disk is not in the order: $(cat "$vars")" ;;
	esac
}

come_up 1
expect_one_entry
made=$entry
entries=$(grep -c '^Boot[0-9A-F]' "$vars")
come_up 2
expect_one_entry
[ "$entry" = "$made" ] || fail "the entry was Boot$made and is Boot$entry"
[ "$(grep -c '^Boot[0-9A-F]' "$vars")" -eq "$entries" ] || fail "there are more entries: $(cat "$vars")"
echo "passed: imaged twice, booted from its disk each time, with one entry"
