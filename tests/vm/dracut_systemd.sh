#!/bin/sh
# The dracut module, in an initramfs that systemd runs and where systemd-networkd brings up the network: images a
# disk and boots the system that it has written; a job that is not there leaves the disk alone.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

PATH=$PATH:/usr/sbin:/sbin
top=$(cd "$(dirname "$0")/../.." && pwd)
generator=dracut-systemd
time_limit=110 # seconds
# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$top/tests/vm/support/generated_initramfs.sh"
enter_room "$0"

build_initramfs() {
	modules="base bash dbus dracut-systemd fs-lib kernel-modules kernel-network-modules network rawswarm"
	modules="$modules rootfs-block shutdown systemd systemd-initrd systemd-networkd udev-rules"
	dracut --quiet --force --no-compress --no-hostonly --no-early-microcode --kver "$version" \
		--modules "$modules" "$work/initramfs" >"$work/build.log" 2>&1 \
		|| fail "dracut did not build an initramfs"
}

needs dracut networkctl dbus-daemon
prepare_room
build_initramfs

job="rd.rawswarm.job=http://$server"
cp "$work/source" "$work/disk.missing"
start_machine imaged01 "$work/disk" "root=LABEL=imaged rw ip=dhcp $job/job.json"
imaged=$machine
start_machine missing02 "$work/disk.missing" "root=LABEL=imaged rw ip=dhcp $job/no.json" \
	"rd.shell=0 rd.emergency=poweroff rd.rawswarm.beacon=$server:7700 rd.rawswarm.timeout=3"
missing=$machine

await_end imaged01 "$imaged"
expect_imaged_and_booted
expect_last_beacon imaged01 'done'
await_end missing02 "$missing"
expect_untouched "$work/disk.missing"
expect_last_beacon missing02 failed
echo "passed"
