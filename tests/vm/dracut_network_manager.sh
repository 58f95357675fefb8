#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The dracut module, in an initramfs that systemd runs and where NetworkManager brings up the network, as Fedora's
# does: a disk is imaged and the system on it booted.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
time_limit=110 # seconds
# shellcheck source=SCRIPTDIR/support/room.sh
. "$top/tests/vm/support/room.sh"
# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$top/tests/vm/support/generated_initramfs.sh"
enter_room "$0"

build_initramfs() {
	modules="base bash dbus dracut-systemd fs-lib kernel-modules kernel-network-modules network network-manager"
	modules="$modules rawswarm rootfs-block shutdown systemd systemd-initrd udev-rules"
	dracut --quiet --force --no-compress --no-hostonly --no-early-microcode --kver "$version" \
		--modules "$modules" "$work/initramfs" >"$work/build.log" 2>&1 \
		|| fail "dracut did not build an initramfs"
}

# No ip=: rd.neednet, which the module sets, is enough. The job comes from a name, which DHCP says whom to ask for.
name_port=53 dhcp_options="--address=/room.test/$server --no-resolv --no-hosts"
prepare_generator dracut NetworkManager dbus-daemon
build_initramfs
boot_generated imaged01 "$work/disk" "root=LABEL=imaged rw rd.rawswarm.job=http://room.test/job.json"
await_poweroff imaged01 "$machine"
expect_imaged_and_booted "$work/disk"
expect_last_beacon imaged01 '"state": *"done"'
echo "passed"
