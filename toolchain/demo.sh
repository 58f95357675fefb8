#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Images a second disk over BitTorrent on this machine alone, and proves file by file that it equals the
# first. As root on loop devices, as another user on image files. RAWSWARM names the program to show.
# Exit codes: 0 the disks are the same, 1 they differ or a step failed.
set -eu

PATH=$PATH:/usr/sbin:/sbin
disk_mib=320
tree_mib=60 # of this system's own files; the large file contains them a second time

top=$(cd "$(dirname "$0")/.." && pwd)
rawswarm=${RAWSWARM:-$top/build/release/rawswarm}
# shellcheck source=SCRIPTDIR/loopback.sh
. "$top/toolchain/loopback.sh"

work=
# Process ids of running children; empty again once a child has been waited for.
seeder='' watcher=''
source_loop='' target_loop=''

clean_up() {
	for pid in $watcher $seeder; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	[ -n "$work" ] || return 0
	for folder in "$work/source" "$work/target"; do
		! mountpoint -q "$folder" || umount "$folder"
	done
	for loop in $source_loop $target_loop; do
		losetup -d "$loop"
	done
	cd /
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

die() {
	printf '\nThe demo failed: %s\n' "$*" >&2
	exit 1
}

step() {
	printf '\n== %s\n' "$*"
}

# Shows a command and runs it.
run() {
	printf '$ %s\n' "$*"
	"$@"
}

indented() {
	sed 's/^/    /' "$@"
}

# Copies folders of /usr/share, in order of their names, until there are enough files.
copy_system_files() {
	mkdir "$1"
	for folder in /usr/share/*/; do
		megabytes=$(du -sxm "$folder" 2>/dev/null | cut -f 1)
		[ "${megabytes:-$tree_mib}" -lt "$tree_mib" ] || continue
		cp -a "$folder" "$1" 2>/dev/null || true
		[ "$(du -sm "$1" | cut -f 1)" -lt "$tree_mib" ] || break
	done
}

# Files that may be missing among the copied ones: a large one, one with holes, links of both kinds.
add_special_files() {
	tar -cf "$work/large" -C "$1" .
	mv "$work/large" "$1/large-file.tar"
	truncate -s 48M "$1/file-with-holes"
	for hole_end in 5 20 47; do
		dd if="$1/large-file.tar" of="$1/file-with-holes" bs=1M count=1 seek="$hole_end" conv=notrunc status=none
	done
	ln -s large-file.tar "$1/symbolic-link"
	ln "$1/large-file.tar" "$1/hard-link"
}

count_files() {
	find "$1" -mindepth 1 | wc -l
}

# Sets source and target to loop devices if this user may make them, otherwise to the image files.
attach_disks() {
	source=$work/source.img
	target=$work/target.img
	[ "$(id -u)" -eq 0 ] || return 0
	source_loop=$(losetup -f --show -r "$work/source.img" 2>/dev/null) || return 0
	source=$source_loop
	target_loop=$(losetup -f --show "$work/target.img" 2>/dev/null) || return 0
	target=$target_loop
}

write_job() {
	cat >job.json <<JOB
{
	"version": 1,
	"name": "demo",
	"targets": [ { "torrent": "disk.torrent", "device": "$target" } ],
	"swarm": { "listen": "127.0.0.1:0", "peers": [ "127.0.0.1:$seed_port" ], "lsd": false },
	"seed_until": { "idle_seconds": 1 },
	"beacon": { "to": [ "127.0.0.1:$beacon_port" ], "interval_ms": 250 },
	"timeout_seconds": 60,
	"on_failure": "continue"
}
JOB
}

start_seeder() {
	printf '$ %s &\n' "rawswarm seed disk.torrent $source --listen 127.0.0.1:$seed_port --no-lsd"
	rawswarm seed disk.torrent "$source" --listen "127.0.0.1:$seed_port" --no-lsd >seed.log 2>&1 &
	seeder=$!
	await_listener "$seeder" "$seed_port" || { indented seed.log; die "the seeder did not start"; }
}

start_watcher() {
	printf '$ %s &\n' "rawswarm watch --listen 127.0.0.1:$beacon_port --expect 1 --json"
	rawswarm watch --listen "127.0.0.1:$beacon_port" --expect 1 --timeout 120 --json >beacons 2>watch.log &
	watcher=$!
}

# Prints one line per change of state, from the beacons' JSON lines.
show_beacons() {
	awk '
		function value(key) {
			return match($0, "\"" key "\": *\"?[^\",}]*") ? substr($0, RSTART, RLENGTH) : ""
		}
		function bare(pair) {
			sub(/^"[a-z_]*": *"?/, "", pair)
			return pair
		}
		{
			state = bare(value("state"))
			last = sprintf("beacon %3d  %-12s %5.1f of %.1f MiB", NR, state,
				bare(value("done")) / 1048576, bare(value("total")) / 1048576)
			if (state != before)
				print last
			before = state
		}' beacons
}

# Prints names, kinds, modes, owners, times and contents of all files, one line each, but no times of symbolic
# links, because debugfs does not restore them.
list_files() {
	(
		cd "$1"
		find . -type d -printf '%p %y %m %U:%G %T@\n' \
			-o -type l -printf '%p %y %m %U:%G %l\n' \
			-o -printf '%p %y %m %U:%G %s %T@\n'
		find . -type f -exec sha256sum {} +
	) | LC_ALL=C sort
}

# open_files FOLDER DISK: makes the files readable in the folder, mounted read-only or extracted from the image.
open_files() {
	mkdir "$1"
	if [ -b "$2" ] && mount -o ro,noload "$2" "$1" 2>/dev/null; then
		printf '$ mount -o ro,noload %s %s\n' "$2" "$1"
	else
		printf '$ debugfs -R "rdump / %s" %s\n' "$1" "$2"
		# Without root it cannot set the owners of the files, and reports that for each.
		debugfs -R "rdump / $1" "$2" 2>/dev/null >/dev/null
	fi
}

[ -x "$rawswarm" ] || die "$rawswarm is not built"
for tool in mkfs.ext4 e2fsck debugfs; do
	command -v "$tool" >/dev/null || die "$tool is not installed (toolchain/packages/demo.txt)"
done
work=$(mktemp -d "${TMPDIR:-/var/tmp}/rawswarm-demo.XXXXXX")
PATH=$(cd "$(dirname "$rawswarm")" && pwd):$PATH
cd "$work"
demo_started=$(uptime_seconds)
seed_port=$(free_port $$)
beacon_port=$(free_port $(($$ + 1)))

step "A disk with a real file system: copies of this system's files, a large file, holes, links"
copy_system_files tree
add_special_files tree
truncate -s "${disk_mib}M" source.img
run mkfs.ext4 -q -F -d tree source.img
echo "$(count_files tree) files, $(du -sm tree | cut -f 1) MiB, on a disk of $disk_mib MiB"

step "A second disk of the same size, full of random bytes"
run dd if=/dev/urandom of=target.img bs=1M count="$disk_mib" iflag=fullblock status=none
attach_disks
echo "from: $source"
echo "to:   $target"

step "A torrent of what the first disk holds"
run rawswarm create --skip-zeros "$source" -o disk.torrent

step "An image server that seeds the first disk, and a collector of beacons"
start_seeder
start_watcher

step "The job: what the machine with the second disk is to do"
write_job
indented job.json

step "The machine images itself"
imaging_started=$(uptime_seconds)
code=0
run rawswarm run job.json || code=$?
imaging_ended=$(uptime_seconds)
echo "exit code $code after $(seconds_between "$imaging_started" "$imaging_ended") s"

step "The beacons that came meanwhile (changes of state only)"
if [ "$code" -eq 0 ]; then
	wait "$watcher" || { indented watch.log; die "the collector saw no machine done"; }
	watcher=''
fi
show_beacons
[ "$code" -eq 0 ] || { indented seed.log; die "the agent ended with exit code $code"; }
kill "$seeder"
code=0
wait "$seeder" || code=$?
seeder=''
[ "$code" -eq 143 ] || { indented seed.log; die "the seeder, stopped by SIGTERM, ended with exit code $code"; }

step "The proof"
run e2fsck -fn "$target" || die "the second file system has faults"
run cmp "$source" "$target" || die "the disks differ"
open_files source "$source"
open_files target "$target"
list_files source >source.list
list_files target >target.list
echo "\$ diff source.list target.list   (names, kinds, modes, owners, sizes, times, links, SHA-256)"
diff source.list target.list || die "the files differ"
[ -s target.list ] || die "there are no files to compare"

printf '\nIDENTICAL: all %s files and every byte of the disk. ' "$(count_files target)"
printf 'Imaged in %s s, the whole demo took %s s.\n' \
	"$(seconds_between "$imaging_started" "$imaging_ended")" \
	"$(seconds_between "$demo_started" "$(uptime_seconds)")"
