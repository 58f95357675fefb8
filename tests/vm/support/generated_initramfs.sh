# shellcheck shell=sh
# What the tests of the initramfs generators share: an initramfs made by the real generator, with what
# `cmake --install` puts into the system, images the disk of a virtual machine, which then boots the system that
# it has just written. Sourced by a script that
#
#   - says in $generator what is tested, and in $time_limit how many seconds a machine may take
#   - has called enter_room with its own name and arguments, and has not come back from there by itself
#   - has the function build_initramfs, which writes $work/initramfs for the kernel $version
#
# Passed is what the disk and the beacons say. What a machine prints is only shown when a test has failed.
# Everything runs in namespaces of the script's own: what it mounts and its network are gone when it is.

: "${generator:?}" "${time_limit:?}" "${top:?}"

MiB=1048576
server=10.77.0.1
partition_start=1 # MiB
partition_size=62 # MiB
disk_size=72      # MiB
rawswarm=${RAWSWARM:-$top/build/release/rawswarm}

work=
# Process ids of what runs now; empty again once it has been waited for.
machines='' services=''

skip() {
	echo "skipped: $*"
	exit 77
}

# enter_room SCRIPT [ARGUMENT...]: starts the script again in its own namespaces; returns in there.
enter_room() {
	if [ "${RAWSWARM_ROOM:-}" = "$$" ]; then
		return
	fi
	[ "$(id -u)" -eq 0 ] || skip "needs root for a network of its own"
	[ -c /dev/net/tun ] || skip "/dev/net/tun is not there"
	unshare --net --mount true 2>/dev/null || skip "may make no namespaces"
	RAWSWARM_ROOM=$$ exec unshare --net --mount -- "$@"
}

clean_up() {
	for pid in $machines $services; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	[ -z "$work" ] || rm -rf "$work"
}

fail() {
	echo "failed: $generator: $*" >&2
	for log in "$work"/*.log; do
		echo "--- the end of ${log##*/}" >&2
		tail -n 15 "$log" | cut -c -300 >&2
	done
	exit 1
}

needs() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is not installed (toolchain/packages/vm.txt)"
	done
}

# What is installed lies over /usr, the kernel's modules and /boot as well, in this mount namespace alone.
install_over_system() {
	DESTDIR=$work/installed cmake --install "$(dirname "$rawswarm")" --prefix /usr >"$work/install.log" \
		|| fail "cmake --install did not succeed"
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
	dd if=/dev/urandom of="$work/system/data/random" bs="$MiB" count=24 iflag=fullblock status=none
}

# A disk with one partition, and a larger one to write it to, which is full of 0xff.
make_disks() {
	truncate -s $(((partition_start + partition_size + 1) * MiB)) "$work/source"
	echo "start=${partition_start}MiB, size=${partition_size}MiB, type=83" \
		| sfdisk -q --label dos "$work/source"
	mke2fs -q -t ext4 -L imaged -d "$work/system" -E "offset=$((partition_start * MiB)),root_owner=0:0" \
		"$work/source" "${partition_size}M"
	dd if=/dev/zero bs="$MiB" count="$disk_size" status=none | tr '\0' '\377' >"$work/full"
	cp "$work/full" "$work/disk"
}

start_service() {
	log=$1
	shift
	"$@" </dev/null >"$work/$log.log" 2>&1 &
	services="$services $!"
}

# One wire for all machines, with what a room has: DHCP, HTTP, a seeder, and who listens to the beacons.
start_services() {
	ip link set lo up
	ip link add name wire type bridge
	ip address add "$server/24" dev wire
	ip link set wire up

	mkdir "$work/www"
	"$rawswarm" create --skip-zeros "$work/source" -o "$work/www/disk.torrent" >/dev/null
	cat >"$work/www/job.json" <<JOB
{
	"version": 1,
	"name": "$generator",
	"targets": [ { "torrent": "disk.torrent", "device": "/dev/vda" } ],
	"swarm": { "peers": [ "$server:6881" ], "lsd": false },
	"seed_until": { "idle_seconds": 1 },
	"beacon": { "to": [ "$server:7700" ], "interval_ms": 250 },
	"timeout_seconds": 60
}
JOB
	start_service dhcp dnsmasq --conf-file=/dev/null --keep-in-foreground --port=0 --interface=wire \
		--bind-interfaces --no-ping --log-dhcp --log-facility=- --pid-file= \
		--dhcp-leasefile="$work/leases" --dhcp-range="10.77.0.100,10.77.0.200,255.255.255.0,1h"
	start_service http busybox httpd -f -p "$server:80" -h "$work/www"
	start_service watch "$rawswarm" watch --json --listen "$server:7700"
	start_service seed "$rawswarm" seed "$work/www/disk.torrent" "$work/source" \
		--listen "$server:6881" --no-lsd
}

mac_of() {
	echo "52:54:00:77:00:${1##*[!0-9]}"
}

# start_machine NAME DISK PARAMETER...: its process id is in $machine. A name ends in two digits.
start_machine() {
	name=$1 disk=$2
	shift 2
	ip tuntap add dev "$name" mode tap
	ip link set "$name" master wire up
	timeout "$time_limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 768 \
		-nodefaults -no-user-config -no-reboot -display none -serial "file:$work/$name.console.log" \
		-kernel "$kernel/boot/vmlinuz-$version" -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet panic=-1 $*" \
		-netdev "tap,id=wire,ifname=$name,script=no,downscript=no" \
		-device "virtio-net-pci,netdev=wire,romfile=,mac=$(mac_of "$name")" \
		-drive "if=none,id=disk,format=raw,file=$disk" -device virtio-blk-pci,drive=disk \
		</dev/null 2>"$work/$name.qemu.log" &
	machine=$!
	machines="$machines $machine"
}

# await_end NAME PID: the machine must switch itself off in time.
await_end() {
	code=0
	wait "$2" || code=$?
	[ "$code" -eq 0 ] || fail "the machine $1 ended with exit code $code"
}

# The new system has run, and is what was sent: the file system is sound, every file is the same, and what lies
# behind the image is untouched.
expect_imaged_and_booted() {
	dd if="$work/disk" of="$work/partition" bs="$MiB" skip="$partition_start" count="$partition_size" \
		status=none
	e2fsck -fn "$work/partition" >"$work/e2fsck.log" 2>&1 || fail "the file system on the disk is not sound"
	mkdir "$work/found"
	debugfs -R "rdump / $work/found" "$work/partition" >"$work/rdump.log" 2>&1
	[ "$(cat "$work/found/mark" 2>/dev/null)" = booted ] || fail "the new system has not run"
	rm "$work/found/mark"
	diff -r "$work/system" "$work/found" >"$work/diff.log" || fail "files on the disk differ"
	behind=$(((partition_start + partition_size + 1) * MiB))
	cmp -i "$behind" "$work/disk" "$work/full" || fail "bytes behind the image were written"
}

# expect_untouched DISK: a copy of $work/source, as it was. The system on it would have left a mark.
expect_untouched() {
	cmp "$1" "$work/source" || fail "a disk was written, or the old system on it has run"
}

# expect_last_beacon NAME STATE
expect_last_beacon() {
	grep "\"agent\": *\"$(mac_of "$1")\"" "$work/watch.log" | tail -n 1 >"$work/last"
	grep -q "\"state\": *\"$2\"" "$work/last" || fail "the last beacon of $1 does not say $2"
}

# expect_no_lease NAME: the machine never asked for an address.
expect_no_lease() {
	! grep -qi "$(mac_of "$1")" "$work/dhcp.log" || fail "the machine $1 asked for an address"
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

# shellcheck source=SCRIPTDIR/../../../toolchain/loopback.sh
. "$top/toolchain/loopback.sh"

# All but the initramfs.
prepare_room() {
	[ -x "$rawswarm" ] || skip "$rawswarm is not built"
	needs qemu-system-x86_64 busybox cmake debugfs depmod dnsmasq e2fsck ip mke2fs sfdisk
	kernel=$("$top/toolchain/vm_kernel") || skip "no kernel for the virtual machine"
	version=$(ls "$kernel/lib/modules")
	work=$(mktemp -d "${TMPDIR:-/var/tmp}/rawswarm-vm.XXXXXX")
	install_over_system
	make_system
	make_disks
	start_services
}
