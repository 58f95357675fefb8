#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# record_sysfs.sh KERNEL MACHINE: records the files of /sys and /proc that rawswarm reads, on a virtual machine, and
# prints them as a tree for tests/fixtures/sysfs (read by tests/support/machine/sysfs_tree.hpp). Needs no root.
#
# KERNEL is a folder with boot/vmlinuz-V and lib/modules/V of a kernel with drivers for real hardware, as
# `toolchain/vm_kernel amd64` prints it. MACHINE is one of those below. Besides toolchain/packages/vm.txt this needs
# sfdisk and blkid, and for `mapped` dmsetup and mdadm.
set -eu

PATH=$PATH:/usr/sbin:/sbin
time_limit=240 # seconds; about 30 are needed

die() {
	echo "record_sysfs: $*" >&2
	exit 1
}

# disk NAME BYTES [MORE]: a sparse file and the QEMU drive of that name.
disk() {
	truncate -s "$2" "$work/$1"
	devices="$devices -drive if=none,id=$1,format=raw,file=$work/$1${3:-}"
	disks=$((disks + 1))
}

# device WORD...: the arguments of one or more -device. A + stands for a blank.
device() {
	for word in "$@"; do
		devices="$devices -device $word"
		recorded="$recorded $word"
	done
}

# gpt NAME UUID: writes a table with the partitions on standard input.
gpt() {
	{
		echo "label: gpt"
		echo "label-id: $2"
		cat
	} | sfdisk -q "$work/$1"
}

machine_sata() {
	modules="ahci sd_mod sr_mod"
	disk a 1000204886016
	disk b 500107862016
	disk c 4194304 ,media=cdrom
	gpt a 0b1c4a52-7f6e-4c0d-9a3b-5e2d8c7f1a90 <<'TABLE'
size=512M, type=uefi, name="EFI system partition", uuid=6c1f2d3e-4b5a-4968-8778-695a4b3c2d1e
size=100G, type=linux, name="root", uuid=7D2E3F40-5C6B-4A79-8889-7A6B5C4D3E2F
start=400G, size=200G, name="data \x222\x22 \x5c ä", uuid=8e3f4051-6d7c-4b8a-999a-8b7c6d5e4f30
TABLE
	device ahci,id=ahci \
		ide-hd,bus=ahci.0,drive=a,serial=WD-WCC4E1234567,model=WDC+WD10EZEX-08WN4A0,wwn=0x50014ee2b1234567 \
		ide-hd,bus=ahci.1,drive=b,serial=S4EVNX0M123456,model=Samsung+SSD+860+EVO+500GB,wwn=0x5002538d41a1b2c3,rotation_rate=1 \
		ide-cd,bus=ahci.2,drive=c,serial=QM00005
}

# Two namespaces of one controller, and one that is reached through two controllers. Linux does not trust an EUI or
# UUID of QEMU, so none is set.
machine_nvme() {
	modules="nvme"
	disk a 256060514304
	disk b 8589934592
	disk c 512110190592
	gpt a 1c2d5b63-807f-4d1e-8b4c-6f3e9d802ba1 <<'TABLE'
size=512M, type=uefi, name="esp", uuid=9f405162-7e8d-4c9b-8aab-9c8d7e6f5041
type=linux, name="root", uuid=a0516273-8f9e-4dac-9bbc-ad9e8f706152
TABLE
	device nvme,id=n0,serial=S64ANS0T123456 nvme-ns,bus=n0,drive=a,nsid=1 \
		nvme-ns,bus=n0,drive=b,nsid=2 \
		nvme-subsys,id=s,nqn=shared nvme,id=n1,serial=PHLJ0123456789,subsys=s \
		nvme,id=n2,serial=PHLJ0123456789,subsys=s \
		nvme-ns,bus=n1,drive=c,nsid=1,shared=on
}

# A memory card, a stick and a disk on USB.
machine_usb() {
	modules="sdhci-pci mmc_block xhci-pci usb-storage uas sd_mod"
	disk a 4294967296
	disk b 1073741824
	disk c 2000398934016
	sfdisk -q "$work/b" <<'TABLE'
label: dos
label-id: 0xc0ffee01
size=100M, type=c, bootable
type=5
size=200M, type=83
TABLE
	device sdhci-pci sd-card,drive=a qemu-xhci,id=usb usb-storage,bus=usb.0,drive=b,serial=4C530001,removable=on \
		usb-storage,bus=usb.0,drive=c,serial=575831314142
}

machine_virtio() {
	modules="virtio_pci virtio_blk virtio_scsi sd_mod sr_mod"
	disk a 10737418240
	disk b 21474836480
	disk c 5368709120
	disk d 5368709120
	device virtio-blk-pci,drive=a,serial=root-disk virtio-blk-pci,drive=b,logical_block_size=4096,physical_block_size=4096 \
		virtio-scsi-pci,id=scsi scsi-hd,bus=scsi.0,drive=c,vendor=SEAGATE,product=ST5000NM0024,serial=Z4D0ABCD,wwn=0x5000c500a1b2c3d4 \
		scsi-hd,bus=scsi.0,drive=d
}

# A volume on a partition, mounted; a mirror of two disks, used as swap; a loop device; memory as a disk.
machine_mapped() {
	modules="virtio_pci virtio_blk dm-mod raid1 ext4 loop zram"
	programs="dmsetup mdadm"
	disk a 1073741824
	disk b 268435456
	disk c 268435456
	disk d 67108864
	gpt a 2d3e6c74-9180-4e2f-9c5d-704fae913cb2 <<'TABLE'
size=256M, type=lvm, name="volumes", uuid=c2738495-a1b0-4fce-9dde-cfb0a1928374
type=linux, name="rest", uuid=d38495a6-b2c1-40df-8eef-d0c1b2a39485
TABLE
	device virtio-blk-pci,drive=a,serial=disk-a virtio-blk-pci,drive=b,serial=disk-b \
		virtio-blk-pci,drive=c,serial=disk-c virtio-blk-pci,drive=d,serial=disk-d
	set_up='
		dmsetup create vg0-root --noudevsync --table "0 524288 linear /dev/vda1 0"
		mke2fs /dev/dm-0
		mkdir -p "/mnt/the root"
		mount -t ext4 /dev/dm-0 "/mnt/the root"
		mdadm --create /dev/md0 --run --assume-clean --level=1 --raid-devices=2 --metadata=1.2 /dev/vdb /dev/vdc
		mkswap /dev/md0
		swapon /dev/md0
		truncate -s 16M "/mnt/the root/image"
		losetup /dev/loop0 "/mnt/the root/image"
		echo 16M >/sys/block/zram0/disksize'
}

# Two disks of one kind and size, each with a partition of the same name.
machine_twins() {
	modules="ahci sd_mod"
	disk a 120034123776
	disk b 120034123776
	gpt a 3e4f7d85-a291-4f30-8d6e-8150bfa24dc3 <<'TABLE'
size=50G, name="windows", uuid=e495a6b7-c3d2-41e0-9ff0-e1d2c3b4a596
TABLE
	gpt b 4f508e96-b3a2-4041-9e7f-9261c0b35ed4 <<'TABLE'
size=50G, name="windows", uuid=f5a6b7c8-d4e3-42f1-8001-f2e3d4c5b6a7
size=20G, name="data", uuid=06b7c8d9-e5f4-4302-9112-03f4e5d6c7b8
TABLE
	device ahci,id=ahci ide-hd,bus=ahci.0,drive=a,serial=TWIN-A,model=INTEL+SSDSC2BW120A4 \
		ide-hd,bus=ahci.1,drive=b,serial=TWIN-B,model=INTEL+SSDSC2BW120A4
}

add_modules() {
	mkdir -p "$root/lib/modules"
	for name in $modules; do
		modprobe -d "$kernel" -S "$version" --show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/order"
	while read -r file; do
		cp "$file" "$root/lib/modules"
		echo "${file##*/}" >>"$root/lib/modules/order"
	done <"$work/order"
}

add_programs() {
	for name in blkid $programs; do
		file=$(command -v "$name") || die "looking for $name: not installed"
		cp "$file" "$root/sbin/$name"
		for library in $(ldd "$file" | grep -o '/[^ ]*'); do
			mkdir -p "$root${library%/*}"
			cp "$library" "$root$library"
		done
	done
}

make_initramfs() {
	root=$work/root
	mkdir -p "$root/bin" "$root/sbin" "$root/dev" "$root/proc" "$root/sys" "$root/etc" "$root/run" "$root/tmp"
	cp "$(command -v busybox)" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
	cp "$here/record_sysfs_init.sh" "$root/init"
	chmod 755 "$root/init"
	echo "$disks" >"$root/disks"
	printf '%s\n' "$set_up" >"$root/set_up"
	add_modules
	add_programs
	(cd "$root" && find . -print0 | cpio --quiet --null --create --format=newc | gzip -1) >"$work/initramfs"
}

run_machine() {
	set -- -accel tcg,thread=multi -cpu max -smp 1 -m 512 -nodefaults -no-user-config -no-reboot -display none \
		-serial "file:$work/console" -serial "file:$work/tree.tar.gz" \
		-kernel "$kernel/boot/vmlinuz-$version" -initrd "$work/initramfs" -append "console=ttyS0 quiet panic=-1"
	for word in $devices; do
		set -- "$@" "$(printf '%s' "$word" | tr + ' ')"
	done
	timeout "$time_limit" qemu-system-x86_64 "$@" </dev/null >&2 || die "the machine failed"
}

# Prints a line end as \n, the backslash and all bytes but printable ASCII as \xNN.
encoded() {
	od -An -v -tu1 "$1" | awk '{
		for (i = 1; i <= NF; i++)
			if ($i == 10)
				printf "\\n"
			else if ($i < 32 || $i > 126 || $i == 92)
				printf "\\x%02x", $i
			else
				printf "%c", $i
	}'
}

print_tree() {
	echo "# Linux $version of Debian on QEMU with:$(printf '%s' "$recorded" | tr + ' ')"
	printf '%s\n' "$set_up" | sed '/./!d; s/^[[:space:]]*/# set up: /'
	cd "$work/tree"
	find . -type f -o -type l | sed 's|^\./||' | LC_ALL=C sort | while IFS= read -r path; do
		if [ -L "$path" ]; then
			printf '%s -> %s\n' "$path" "$(readlink "$path")"
		else
			printf '%s = %s\n' "$path" "$(encoded "$path")"
		fi
	done
}

[ $# -eq 2 ] || die "usage: record_sysfs.sh KERNEL MACHINE"
kernel=$(cd "$1" && pwd)
version=$(ls "$kernel/lib/modules")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/record_sysfs.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

devices='' recorded='' disks=0 modules='' programs='' set_up=''
case $2 in
sata | nvme | usb | virtio | mapped | twins) "machine_$2" ;;
*) die "no machine $2" ;;
esac
make_initramfs
run_machine
mkdir "$work/tree"
tar -C "$work/tree" -xzf "$work/tree.tar.gz" || die "the machine sent no tree: $(tail -n 20 "$work/console")"
print_tree
