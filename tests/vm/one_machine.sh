#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# One virtual machine, from power-on to imaged: kernel, busybox initramfs, agent, a seeder and a beacon
# collector on this machine's loopback. Only the disk's bytes and the beacons decide whether it has passed.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs no root. RAWSWARM names the program under test.
set -eu

PATH=$PATH:/usr/sbin:/sbin
time_limit=240 # seconds; about 15 are needed
MiB=1048576

top=$(cd "$(dirname "$0")/../.." && pwd)
rawswarm=${RAWSWARM:-$top/build/release/rawswarm}
# shellcheck source=SCRIPTDIR/../../toolchain/loopback.sh
. "$top/toolchain/loopback.sh"
# shellcheck source=SCRIPTDIR/../support/verdict.sh
. "$top/tests/support/verdict.sh"

work=
# Process ids of running children; empty again once a child has been waited for.
seeder='' watcher='' stamper='' machine=''

clean_up() {
	for pid in $machine $watcher $stamper $seeder; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	[ -z "$work" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

fail() {
	echo "failed: $*" >&2
	for log in console seed watch beacons; do
		echo "--- the end of $log.log" >&2
		tail -n 20 "$work/$log.log" 2>/dev/null | cut -c -400 >&2
	done
	exit 1
}

# random_extent FILE START LENGTH, in MiB
random_extent() {
	dd if=/dev/urandom of="$1" bs="$MiB" seek="$2" count="$3" conv=notrunc iflag=fullblock status=none
}

# 64 MiB of data in extents of several sizes, with gaps between them and at the end. The disk is larger than
# the image and full of 0xff: the gaps must become zeros, and the bytes behind the image must stay.
make_disks() {
	truncate -s $((80 * MiB)) "$work/source"
	random_extent "$work/source" 0 1
	random_extent "$work/source" 3 40
	random_extent "$work/source" 44 1
	random_extent "$work/source" 56 22
	dd if=/dev/zero bs="$MiB" count=82 status=none | tr '\0' '\377' >"$work/disk"
	dd if=/dev/zero bs="$MiB" count=2 status=none | tr '\0' '\377' >"$work/behind"
}

write_job() {
	cat >"$work/job.json" <<JOB
{
	"version": 1,
	"name": "one_machine",
	"targets": [ { "torrent": "disk.torrent", "device": "/dev/vda" } ],
	"swarm": { "peers": [ "10.0.2.2:$seed_port" ], "lsd": false },
	"seed_until": { "idle_seconds": 1 },
	"beacon": { "to": [ "10.0.2.2:$beacon_port" ], "interval_ms": 250 },
	"timeout_seconds": 60,
	"on_failure": "continue"
}
JOB
}

# Prefixes each beacon with this machine's uptime at its arrival.
stamp_beacons() {
	while read -r beacon; do
		echo "$(uptime_seconds) $beacon"
	done
}

# In the guest's network 10.0.2.2 is this machine's loopback.
start_machine() {
	timeout "$time_limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 512 \
		-nodefaults -no-user-config -no-reboot -display none -serial "file:$work/console.log" \
		-kernel "$kernel/boot/vmlinuz-$version" -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet panic=-1 no_timer_check rd.rawswarm.job=/job.json" \
		-netdev user,id=wire -device virtio-net-pci,netdev=wire \
		-drive if=none,id=disk,format=raw,file="$work/disk" -device virtio-blk-pci,drive=disk \
		</dev/null 2>"$work/qemu.log" &
	machine=$!
}

[ -x "$rawswarm" ] || skip "$rawswarm is not built"
for tool in qemu-system-x86_64 busybox cpio depmod; do
	command -v "$tool" >/dev/null || skip "$tool is not installed (toolchain/packages/vm.txt)"
done
kernel=$("$top/toolchain/vm_kernel") || skip "no kernel for the virtual machine"
version=$(ls "$kernel/lib/modules")

work=$(mktemp -d "${TMPDIR:-/var/tmp}/rawswarm-vm.XXXXXX")
seed_port=$(free_port $$)
beacon_port=$(free_port $(($$ + 1)))
make_disks
write_job
"$rawswarm" create --skip-zeros "$work/source" -o "$work/disk.torrent" >/dev/null
"$top/initramfs/build" "$kernel" --agent "$rawswarm" \
	--add "$work/job.json:/job.json" --add "$work/disk.torrent:/disk.torrent" -o "$work/initramfs"

"$rawswarm" seed "$work/disk.torrent" "$work/source" --listen "127.0.0.1:$seed_port" --no-lsd \
	>"$work/seed.log" 2>&1 &
seeder=$!
mkfifo "$work/pipe"
stamp_beacons <"$work/pipe" >"$work/beacons.log" &
stamper=$!
"$rawswarm" watch --json --expect 1 --timeout "$time_limit" --listen "127.0.0.1:$beacon_port" \
	>"$work/pipe" 2>"$work/watch.log" &
watcher=$!
await_listener "$seeder" "$seed_port" || fail "the seeder did not start"

started=$(uptime_seconds)
start_machine
machine_code=0
wait "$machine" || machine_code=$?
machine=''
ended=$(uptime_seconds)
[ "$machine_code" -eq 0 ] \
	|| fail "the virtual machine ended with exit code $machine_code: $(cat "$work/qemu.log")"

# SIGTERM makes it end in good order, with 143.
kill "$seeder"
seeder_code=0
wait "$seeder" || seeder_code=$?
seeder=''
[ "$seeder_code" -eq 143 ] || fail "the seeder ended with exit code $seeder_code"

# The last beacon was sent before the machine powered off: watch has ended by now, or never will.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	kill -0 "$watcher" 2>/dev/null || break
	sleep 0.2
done
kill "$watcher" 2>/dev/null || true
watched=0
wait "$watcher" || watched=$?
watcher=''
wait "$stamper"
stamper=''
[ "$watched" -eq 0 ] || fail "watch ended with exit code $watched"
[ -s "$work/beacons.log" ] || fail "no beacon came"
grep -q '"state": *"failed"' "$work/beacons.log" && fail "a beacon says failed"
grep -q '"state": *"done"' "$work/beacons.log" || fail "no beacon says done"

cmp -n $((80 * MiB)) "$work/source" "$work/disk" || fail "the disk differs from the image"
cmp -i $((80 * MiB)):0 "$work/disk" "$work/behind" || fail "bytes behind the image were written"

read -r first_beacon _ <"$work/beacons.log"
echo "passed: first beacon after $(seconds_between "$started" "$first_beacon") s," \
	"powered off after $(seconds_between "$started" "$ended") s"
