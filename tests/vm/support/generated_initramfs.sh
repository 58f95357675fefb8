# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# Shared by the tests of the initramfs generators: an initramfs made by the real generator, with the files that
# `cmake --install` puts into the system, images the disk of a virtual machine, which then boots the system that
# it has just written. Sources room.sh, so all that is said there holds. Sourced by a script that
#
#   - calls prepare_generator first
#   - writes $work/initramfs for the kernel $version

time_limit=240 # seconds; about 50 are needed
# shellcheck source=SCRIPTDIR/room.sh
. "$(dirname "$0")/support/room.sh"

partition_start=1 # MiB
partition_size=62 # MiB
disk_size=72      # MiB

# The job and its torrent come from the name room.test in place of an address; DHCP names the name server.
serve_names() {
	name_port=53 dhcp_options="--address=/room.test/$server --no-resolv --no-hosts"
}

# prepare_generator TOOL...: everything but the initramfs. Skips the test without one of the tools.
prepare_generator() {
	needs busybox cmake debugfs depmod dnsmasq e2fsck ip mke2fs qemu-system-x86_64 sfdisk "$@"
	version=$(ls "${kernel:?}/lib/modules")
	make_work_folder
	install_over_system
	make_system
	make_disks
	make_torrent source
	write_job job00 '{ "torrent": "source.torrent", "device": "/dev/vda" }'
	mv "$work/www/$(mac_of job00).json" "$work/www/job.json"
	start_services
	start_seeder source
}

# run_dracut MODULES OPTION...: writes $work/initramfs.
run_dracut() {
	modules=$1
	shift
	dracut --quiet --force --no-compress --no-hostonly --no-early-microcode --kver "$version" \
		--modules "$modules" "$@" "$work/initramfs" >>"$work/build.log" 2>&1 \
		|| fail "dracut did not build an initramfs"
}

# For scripts to define anew: puts more than we install into the folder, which is to be laid over /usr.
add_to_installed() {
	:
}

# Lays the installed files, the kernel's modules and its /boot over those of this system, in this mount namespace
# alone.
install_over_system() {
	DESTDIR=$work/installed cmake --install "$(dirname "$rawswarm")" --prefix /usr >"$work/install.log" \
		|| fail "cmake --install did not succeed"
	add_to_installed "$work/installed/usr"
	mkdir "$work/modules"
	cp -rs "$kernel/lib" "$work/modules/lib"
	mount -t overlay -o "lowerdir=$work/installed/usr:$work/modules:/usr" overlay /usr 2>"$work/overlay.log" \
		|| skip "may not mount an overlay"
	mkdir -p /boot
	mount --bind "$kernel/boot" /boot
}

# A root of a few files, whose init leaves a mark on the disk and switches the machine off.
make_system() {
	for folder in bin data dev etc lost+found mnt proc root run sbin sys tmp usr var; do
		mkdir -p "$work/system/$folder"
	done
	cp "$(command -v busybox)" "$work/system/bin/busybox"
	ln -s busybox "$work/system/bin/sh"
	echo 'ID=imaged' >"$work/system/etc/os-release"
	cat >"$work/system/sbin/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -o remount,rw /
echo booted >/mark
/bin/busybox mount -o remount,ro /
/bin/busybox sync
/bin/busybox poweroff -f
INIT
	chmod 755 "$work/system/sbin/init"
	random_extent "$work/system/data/random" 0 24
}

# A disk with one partition, from which the image is made, and a larger disk to write it to.
make_disks() {
	truncate -s $(((partition_start + partition_size + 1) * MiB)) "$work/source"
	echo "start=${partition_start}MiB, size=${partition_size}MiB, type=83" \
		| sfdisk -q --label dos "$work/source"
	mke2fs -q -t ext4 -L imaged -d "$work/system" -E "offset=$((partition_start * MiB)),root_owner=0:0" \
		"$work/source" "${partition_size}M"
	full_disk "$work/disk" "$disk_size"
}

# boot_generated NAME DISK PARAMETER...: boots $work/initramfs. The process id is in $machine.
boot_generated() {
	name=$1 disk=$2
	shift 2
	# shellcheck disable=SC2046 # words
	start_machine "$name" -m 768 -no-reboot $(network_card "$name" ,romfile=) $(virtio_disk "$disk") \
		-kernel "$kernel/boot/vmlinuz-$version" -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet panic=-1 $emulated $*"
}

# boot_imaged_and_missing URL PARAMETERS FAILURE-PARAMETERS: two machines at once, the first with the job URL/job.json
# and the second, whose disk has a system already, with one that is not there. The latter gets FAILURE-PARAMETERS
# as well. Their process ids are in $imaged and $missing.
boot_imaged_and_missing() {
	cp "$work/source" "$work/disk.missing"
	boot_generated imaged01 "$work/disk" "$2 rd.rawswarm.job=$1/job.json"
	imaged=$machine
	boot_generated missing02 "$work/disk.missing" "$2 rd.rawswarm.job=$1/no.json $3"
	missing=$machine
}

# Both go off: the first imaged and with the new system, the second with an untouched disk.
expect_imaged_and_missing() {
	await_poweroff imaged01 "$imaged"
	expect_imaged_and_booted "$work/disk"
	expect_last_beacon imaged01 '"state": *"done"'
	await_poweroff missing02 "$missing"
	expect_untouched "$work/disk.missing"
	expect_last_beacon missing02 '"state": *"failed"'
}

# expect_imaged_and_booted DISK: the new system has run and equals the one that was sent: the file system is sound,
# all files are the same, and the bytes behind the image are untouched.
expect_imaged_and_booted() {
	dd if="$1" of="$work/partition" bs="$MiB" skip="$partition_start" count="$partition_size" status=none
	e2fsck -fn "$work/partition" >"$work/e2fsck.log" 2>&1 || fail "the file system on the disk is not sound"
	mkdir "$work/found"
	debugfs -R "rdump / $work/found" "$work/partition" >"$work/rdump.log" 2>&1
	[ "$(cat "$work/found/mark" 2>/dev/null)" = booted ] || fail "the new system has not run"
	rm "$work/found/mark"
	diff -r "$work/system" "$work/found" >"$work/diff.log" || fail "files on the disk differ"
	full_disk "$work/full" "$disk_size"
	behind=$(((partition_start + partition_size + 1) * MiB))
	cmp -i "$behind" "$1" "$work/full" || fail "bytes behind the image were written"
}

# expect_untouched DISK: still a copy of $work/source. The system on it would have left a mark.
expect_untouched() {
	cmp "$1" "$work/source" || fail "a disk was written, or the old system on it has run"
}

# expect_no_lease NAME: the machine never asked for an address.
expect_no_lease() {
	! grep -qi "$(mac_of "$1")" "$work/dhcp.log" || fail "the machine $1 asked for an address"
}
