#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A whole Debian system with GRUB for BIOS and for UEFI, captured by `create --map auto`, on machines that differ from
# the one that it was made on. One has a disk of the same size and boots by BIOS. The other has a larger disk and boots by
# UEFI: its last partition takes the rest of it, and as Debian leaves no \EFI\BOOT on the disk, it comes up only by the boot
# entry that the job made. Both have a host name of their own, and come up to their login.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

time_limit=420 # seconds; about 150 are needed
# The network is not there once room.sh has made namespaces; what was made before is found again then.
system=$("$(dirname "$0")/../../toolchain/debian_system") || { echo "skipped: no Debian system"; exit 77; }
# shellcheck source=SCRIPTDIR/support/room.sh
. "$(dirname "$0")/support/room.sh"

firmware=/usr/share/OVMF/OVMF_CODE_4M.fd
variables=/usr/share/OVMF/OVMF_VARS_4M.fd
shim=/usr/lib/shim/shimx64.efi.signed
grub=/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed

# start_of FILE PARTITION, size_of FILE PARTITION: in sectors of 512 bytes
start_of() {
	sfdisk -q -d "$1" | sed -n "s|^$1$2 : start= *\([0-9]*\),.*|\1|p"
}

size_of() {
	sfdisk -q -d "$1" | sed -n "s|^$1$2 :.* size= *\([0-9]*\),.*|\1|p"
}

# partition_of FILE PARTITION: its bytes, in $work/partition
partition_of() {
	dd if="$1" of="$work/partition" bs=1M iflag=skip_bytes,count_bytes conv=sparse status=none \
		skip=$(($(start_of "$1" "$2") * 512)) count=$(($(size_of "$1" "$2") * 512))
}

# make_golden FILE SIZE, in MiB
make_golden() {
	truncate -s "$2M" "$1"
	sfdisk -q "$1" <<'TABLE'
label: gpt
size=1MiB, type=21686148-6449-6E6F-744E-656564454649, name=bios
size=48MiB, type=uefi, name=esp
name=root, type=linux
TABLE
	loop=$(losetup --find --show "$1")
	partx --add "$loop"
	mke2fs -q -t ext4 -L root -d "$system" "${loop}p3"
	mount "${loop}p3" "$work/golden"
	# The root file system grows at the first boot.
	echo 'LABEL=root / ext4 defaults,x-systemd.growfs 0 1' >"$work/golden/etc/fstab"
	grub-install --target=i386-pc --directory="$system/usr/lib/grub/i386-pc" --boot-directory="$work/golden/boot" "$loop" \
		>"$work/grub-install.log" 2>&1 || fail "grub-install did not succeed"
	version=$(ls "$work/golden/lib/modules")
	cat >"$work/golden/boot/grub/grub.cfg" <<CONFIG
search --no-floppy --label --set=root root
linux /boot/vmlinuz-$version root=LABEL=root rw console=ttyS0 quiet $emulated
initrd /boot/initrd.img-$version
boot
CONFIG
	umount "$work/golden"
	partx --delete "$loop"
	losetup --detach "$loop"

	# As Debian's installer leaves it: no fallback in \EFI\BOOT.
	mkfs.vfat -n ESP -C "$work/esp" $((48 * 1024)) >"$work/mkfs.log"
	printf 'search --no-floppy --label --set=root root\nconfigfile /boot/grub/grub.cfg\n' >"$work/esp.cfg"
	mmd -i "$work/esp" ::EFI ::EFI/debian
	mcopy -i "$work/esp" "$shim" ::EFI/debian/shimx64.efi
	mcopy -i "$work/esp" "$grub" ::EFI/debian/grubx64.efi
	mcopy -i "$work/esp" "$work/esp.cfg" ::EFI/debian/grub.cfg
	dd if="$work/esp" of="$1" bs=512 seek="$(start_of "$1" 2)" conv=notrunc,sparse status=none
}

uefi() {
	echo "-machine q35 -drive if=pflash,format=raw,unit=0,readonly=on,file=$firmware" \
		"-drive if=pflash,format=raw,unit=1,file=$work/variables"
}

# await_login NAME: its host name is that of the job.
await_login() {
	tries=$((time_limit * 2))
	until grep -aq "^pc-$(mac_of "$1" | tr -d :) login:" "$work/$1.console.log"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "$1 does not come up to its login"
		sleep 0.5
	done
}

needs dumpe2fs grub-install losetup mcopy mke2fs mkfs.vfat partx sfdisk
needs_files "$firmware" "$variables" "$shim" "$grub"
prepare_room
cp "$variables" "$work/variables"
mkdir "$work/golden"
make_golden "$work/image" 800
"$rawswarm" create --map auto --compress "$work/image" -o "$work/www/image.torrent" >"$work/create.log" 2>&1 \
	|| fail "capturing the system did not succeed"
truncate -s 800M "$work/equal"
truncate -s 1000M "$work/larger"
start_services
start_seeder image
# shellcheck disable=SC2016 # the program's own names
files='"files": [ { "partition": 3, "path": "/etc/hostname", "content": "pc-${mac:hexraw}\n" },
	{ "partition": 3, "path": "/etc/machine-id", "content": "" } ]'
write_job equal01 "{ \"torrent\": \"image.torrent\", \"device\": \"/dev/vda\", $files }" '"on_success": "poweroff"'
write_job larger02 "{ \"torrent\": \"image.torrent\", \"device\": \"/dev/vda\", $files, \"grow\": \"last\",
	\"boot_entry\": { \"label\": \"debian\", \"loader\": \"\\\\EFI\\\\debian\\\\shimx64.efi\", \"order\": \"first\" } }" \
	'"on_success": "poweroff"'

# shellcheck disable=SC2046 # words
boot_now equal01 $(virtio_disk "$work/equal")
equal=$machine
# shellcheck disable=SC2046 # words
boot_now larger02 $(uefi) $(virtio_disk "$work/larger")
larger=$machine
await_poweroff equal01 "$equal"
await_poweroff larger02 "$larger"
expect_last_beacon equal01 '"state": *"done"'
expect_last_beacon larger02 '"state": *"done"'

# Nobody is there to image them any more, and only the disk has a system.
ip link delete equal01
ip link delete larger02
# shellcheck disable=SC2046 # words
start_machine equal01 $(network_card equal01 ,romfile=) $(virtio_disk "$work/equal")
equal=$machine
# shellcheck disable=SC2046 # words
start_machine larger02 $(uefi) $(network_card larger02 ,romfile=) $(virtio_disk "$work/larger")
larger=$machine
await_login equal01
await_login larger02
kill "$equal" "$larger"
wait "$equal" "$larger" || true

partition_of "$work/larger" 3
blocks=$(dumpe2fs -h "$work/partition" 2>/dev/null | awk '/^Block count:/ { print $3 }')
[ $((blocks * 8)) -gt $((900 * 2048)) ] || fail "the file system has $blocks blocks, and did not grow at the first boot"
echo "passed: captured, put on two disks, and booted from them"
