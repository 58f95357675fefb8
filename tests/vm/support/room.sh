# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# A room of virtual machines that boot from the network: one wire with DHCP, TFTP, HTTP, a seeder and a
# collector of beacons, all in a network namespace of the script's own. Sourced by a script in tests/vm, which
#
#   - sets $time_limit before: the seconds that a machine may take
#   - may set $flavour before: the Debian kernel that the machines boot, cloud-amd64 or amd64
#   - calls prepare_room next
#
# Sourcing starts the script again in its own namespaces (enter_room), so what stands before it runs twice.
# Disks and beacons decide whether a test has passed. Output of a machine is shown only after a failure.
# RAWSWARM names the program under test. Needs root, for the namespaces.

: "${time_limit:?}"

PATH=$PATH:/usr/sbin:/sbin
MiB=1048576
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=SCRIPTDIR/../../support/verdict.sh
. "$top/tests/support/verdict.sh"
# shellcheck disable=SC2034 # used by the scripts that source this
{
	server=10.78.0.1
	rawswarm=${RAWSWARM:-$top/build/release/rawswarm}
	# On a busy host an emulated timer may be too late for the kernel's test of it, which ends in a panic.
	emulated=no_timer_check
}

work=
# Process ids of what runs now.
machines='' services=''

clean_up() {
	for pid in $machines $services; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	# What is mounted in it after a failure is nobody's to remove.
	[ -z "$work" ] || rm -rf --one-file-system "$work"
}

fail() {
	echo "failed: $*" >&2
	for log in "$work"/*.log; do
		echo "--- the end of ${log##*/}" >&2
		tail -n 15 "$log" | cut -c -300 >&2
	done
	exit 1
}

# enter_room SCRIPT [ARGUMENT...]: starts the script again in its own namespaces; returns in there, with $kernel.
# The kernel is fetched first, as no network can be reached from inside.
enter_room() {
	[ "${RAWSWARM_ROOM:-}" != "$$" ] || return 0
	[ "$(id -u)" -eq 0 ] || skip "needs root for a network of its own"
	[ -c /dev/net/tun ] || skip "/dev/net/tun is not there"
	unshare --net --mount true 2>/dev/null || skip "may make no namespaces"
	kernel=$("$top/toolchain/vm_kernel" "${flavour:-cloud-amd64}") || skip "no kernel for the virtual machine"
	export kernel
	RAWSWARM_ROOM=$$ exec unshare --net --mount -- "$@"
}

# needs TOOL...: skips the test without the program under test or one of the tools.
needs() {
	[ -x "$rawswarm" ] || skip "$rawswarm is not built"
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is not installed (toolchain/packages/vm.txt)"
	done
}

needs_files() {
	for file in "$@"; do
		[ -r "$file" ] || skip "$file is not installed (toolchain/packages/vm.txt)"
	done
}

# Makes $work, with everything that a machine boots from the network in $work/www.
prepare_room() {
	needs busybox cpio depmod dnsmasq ip qemu-system-x86_64 zstd
	make_work_folder
	"$top/initramfs/netboot" "$kernel" --agent "$rawswarm" --job "http://$server/\${mac}.json" \
		--append "console=ttyS0 $emulated ${parameters:-} rd.rawswarm.beacon=$server:7700" -o "$work/www"
}

# Makes $work and $work/www, the folder that is served. Both are removed when the script ends, after all that
# it has started was stopped.
make_work_folder() {
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 141' PIPE
	trap 'exit 143' TERM
	work=$(mktemp -d "${TMPDIR:-/var/tmp}/rawswarm-vm.XXXXXX")
	mkdir "$work/www"
}

# random_extent FILE START LENGTH, in MiB
random_extent() {
	dd if=/dev/urandom of="$1" bs="$MiB" seek="$2" count="$3" conv=notrunc iflag=fullblock status=none
}

# full_disk FILE SIZE, in MiB: every byte is 0xff, so that a gap that was not zeroed shows.
full_disk() {
	dd if=/dev/zero bs="$MiB" count="$2" status=none | tr '\0' '\377' >"$1"
}

# make_image NAME SIZE, in MiB: $work/NAME, three quarters full with gaps, and its torrent for the machines.
make_image() {
	truncate -s "$(($2 * MiB))" "$work/$1"
	random_extent "$work/$1" 0 1
	random_extent "$work/$1" "$(($2 / 8))" "$(($2 / 2))"
	random_extent "$work/$1" "$(($2 * 3 / 4))" "$(($2 / 8))"
	make_torrent "$1"
}

make_torrent() {
	"$rawswarm" create --skip-zeros "$work/$1" -o "$work/www/$1.torrent" >/dev/null
}

# make_bootable IMAGE: its boot sector switches the machine off, by the power management of QEMU's machine `pc`. A
# machine with it that goes off has either been told to, or has booted it.
make_bootable() {
	dd if=/dev/zero of="$work/$1" bs=512 count=1 conv=notrunc status=none # no partitions
	printf '\272\004\006\270\000\040\357\364\353\375' | dd of="$work/$1" conv=notrunc status=none # out 0x604, 0x2000
	printf '\125\252' | dd of="$work/$1" bs=1 seek=510 conv=notrunc status=none
	make_torrent "$1"
}

# start_service LOG COMMAND...
start_service() {
	log=$1
	shift
	"$@" </dev/null >>"$work/$log.log" 2>&1 &
	services="$services $!"
}

# $boot_file is the file that the DHCP server offers to iPXE, whether in a card's ROM or loaded before;
# $dhcp_options are further options of dnsmasq, as words. It is a name server as well if $name_port is 53.
start_services() {
	start_wire "$server/24"
	start_dnsmasq --dhcp-range=10.78.0.100,10.78.0.200,255.255.255.0,1h --dhcp-range=fd00:78::,ra-only \
		--dhcp-match=set:ipxe,175 --dhcp-boot="tag:ipxe,${boot_file:-http://$server/boot.ipxe}"
	start_servers
}

# start_wire ADDRESS/LENGTH: the network that all machines are on.
start_wire() {
	ip link set lo up
	ip link add name wire type bridge mcast_snooping 0
	case $1 in
	*:*) ip address add "$1" dev wire nodad ;;
	*) ip address add "$1" dev wire ;;
	esac
	ip link set wire up
}

# start_dnsmasq OPTION...
start_dnsmasq() {
	# shellcheck disable=SC2086 # words
	start_service dhcp dnsmasq --conf-file=/dev/null --keep-in-foreground --user=root --port="${name_port:-0}" \
		--interface=wire --bind-interfaces --no-ping --log-dhcp --log-facility=- --pid-file= \
		--dhcp-leasefile="$work/leases" --enable-ra --enable-tftp --tftp-root="$work/www" "$@" ${dhcp_options:-}
}

start_servers() {
	start_service http busybox httpd -f -p "$server:80" -h "$work/www"
	start_service beacons "$rawswarm" watch --json --listen "$server:7700"
}

# The hook of the server that takes away the job of a machine that is imaged, as docs/netboot.md has it.
start_hook() {
	start_service hook finish_as_beacons_come
}

finish_as_beacons_come() {
	: >>"$work/beacons.log" # the program that writes it may not have begun
	tail --pid="$$" -n +1 -f "$work/beacons.log" \
		| "$top/initramfs/finish_jobs" "$work/www" "$work/www/pxelinux.cfg"
}

# start_seeder IMAGE [PORT] [OPTION...]
start_seeder() {
	image=$1 port=${2:-6881}
	[ $# -lt 2 ] || shift
	shift
	start_service seed "$rawswarm" seed "$work/www/$image.torrent" "$work/$image" \
		--listen "$server:$port" --no-lsd "$@"
}

# mac_of NAME: the MAC address of a machine. Its name ends in two digits.
mac_of() {
	echo "52:54:00:78:00:${1##*[!0-9]}"
}

# write_job NAME TARGET [MEMBER...]: the job that the machine asks for. TARGET and MEMBER are JSON.
write_job() {
	job=$work/www/$(mac_of "$1").json
	cat >"$job" <<JOB
{
	"version": 1,
	"name": "$1",
	"targets": [ $2 ],
	"swarm": { "peers": [ "$server:6881" ], "lsd": false },
	"seed_until": { "idle_seconds": 1 },
	"beacon": { "to": [ "$server:7700" ], "interval_ms": 250 },
JOB
	shift 2
	for member in "$@"; do
		printf '\t%s,\n' "$member" >>"$job"
	done
	echo '	"timeout_seconds": 90 }' >>"$job"
}

# start_machine NAME QEMU-OPTION...: on the wire, without a disk. Its process id is in $machine. The serial line
# goes to $console, a QEMU character device, or else into a log.
start_machine() {
	name=$1
	shift
	ip tuntap add dev "$name" mode tap
	ip link set "$name" master wire up
	timeout "$time_limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 512 \
		-nodefaults -no-user-config -display none -serial "${console:-file:$work/$name.console.log}" \
		-netdev "tap,id=wire,ifname=$name,script=no,downscript=no" "$@" \
		</dev/null 2>"$work/$name.qemu.log" &
	machine=$!
	machines="$machines $machine"
}

# Options of start_machine, as words.
# network_card NAME [PROPERTIES]: of the model $card.
network_card() {
	echo "-device ${card:-virtio-net-pci},netdev=wire,mac=$(mac_of "$1")${2:-}"
}

# A second card, found before the other, that is connected to nothing.
idle_network_card() {
	echo "-netdev hubport,id=nowhere,hubid=1 -device virtio-net-pci,netdev=nowhere,romfile=,addr=3"
}

# virtio_disk FILE
virtio_disk() {
	echo "-drive if=none,id=vda,format=raw,file=$1 -device virtio-blk-pci,drive=vda"
}

# bootable_disk FILE: after the network
bootable_disk() {
	echo "$(virtio_disk "$1"),bootindex=2"
}

# boot_now NAME QEMU-OPTION...: start_machine, with the kernel in memory as a boot loader leaves it there.
# Kernel parameters that a test adds are in $parameters.
boot_now() {
	name=$1
	shift
	# shellcheck disable=SC2046 # words
	start_machine "$name" -kernel "$work/www/vmlinuz" -initrd "$work/www/initramfs" \
		-append "quiet console=ttyS0 $emulated rd.rawswarm.job=http://$server/\${mac}.json \
rd.rawswarm.beacon=$server:7700 ${parameters:-}" $(network_card "$name" ,romfile=) "$@"
}

# await_poweroff NAME PID: a machine that only reboots does not end.
await_poweroff() {
	code=0
	wait "$2" || code=$?
	[ "$code" -eq 0 ] || fail "the machine $1 ended with exit code $code"
}

# beacons_of NAME: those that have come, one per line.
beacons_of() {
	grep "\"agent\": *\"$(mac_of "$1")\"" "$work/beacons.log"
}

# await_beacon NAME PATTERN SECONDS
await_beacon() {
	tries=$(($3 * 5))
	until beacons_of "$1" | grep -q "$2"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "no beacon of $1 has $2"
		sleep 0.2
	done
}

# expect_last_beacon NAME PATTERN...
expect_last_beacon() {
	name=$1
	shift
	for pattern in "$@"; do
		beacons_of "$name" | tail -n 1 | grep -q "$pattern" \
			|| fail "the last beacon of $name has no $pattern: $(beacons_of "$name" | tail -n 1)"
	done
}

# expect_imaged_once NAME: its job is gone, and it was not started from the network again.
expect_imaged_once() {
	expect_last_beacon "$1" '"state": *"done"'
	[ ! -e "$work/www/$(mac_of "$1").json" ] || fail "the job of $1 is still there"
	[ -e "$work/www/$(mac_of "$1").json.done" ] || fail "the job of $1 was not kept"
	runs=$(beacons_of "$1" | sed 's/.*"run": *"\([0-9a-f]*\)".*/\1/' | sort -u | wc -l)
	[ "$runs" -eq 1 ] || fail "$1 was imaged $runs times"
}

# expect_image IMAGE DISK: every byte of the image, and behind it still what full_disk wrote.
expect_image() {
	size=$(stat -c %s "$1")
	cmp -n "$size" "$1" "$2" || fail "${2##*/} differs from the image ${1##*/}"
	! tail -c "+$((size + 1))" "$2" | tr -d '\377' | grep -q . || fail "bytes behind the image were written"
}

enter_room "$0" "$@"
