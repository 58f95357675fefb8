#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The hooks for mkinitcpio in an initramfs that mkinitcpio itself has built from HOOKS as docs/mkinitcpio.md has them,
# started by its own init. Debian does not have mkinitcpio: RAWSWARM_MKINITCPIO names a folder with its source, version
# 41 or later, and without that the test is skipped. What Arch has beside it is stood in for: busybox is Debian's, and
# `net` a hook that asks by DHCP. A disk is imaged and the system on it booted. A job that is not there leaves the disk
# alone. Where HOOKS have systemd the unit is taken along.
# Exit codes: 0 passed, 1 failed, 77 skipped. Needs root. RAWSWARM names the program under test.
set -eu

# shellcheck source=SCRIPTDIR/support/generated_initramfs.sh
. "$(dirname "$0")/support/generated_initramfs.sh"

# What its build fills in, for where Debian has things.
configured() {
	sed -e 's,@INITCPIO_LIBDIR@,/usr/lib/initcpio,; s,@INITCPIO_SYSCONFDIR@,/etc/initcpio,; s,@SYSCONFDIR@,/etc,' \
		-e 's,@BINDIR@,/usr/sbin:/usr/bin,; s,@UDEVD_PATH@,/usr/lib/systemd/systemd-udevd,; s,@TMPFILES_PATH@,,' \
		"$upstream/$1"
}

# Hooks in place of mkinitcpio-nfs-utils and mkinitcpio-systemd-extras; the latter does nothing.
write_net_hooks() {
	cat >"$1/install/net" <<'INSTALL'
build() {
	add_file /usr/lib/initcpio/lease /lease 755
	add_runscript
}
INSTALL
	cat >"$1/hooks/net" <<'HOOK'
run_hook() {
	ip link set eth0 up
	udhcpc -q -n -t 20 -T 1 -i eth0 -s /lease
}
HOOK
	echo 'build() { :; }' >"$1/install/sd-network"
	cat >"$1/lease" <<'LEASE'
#!/bin/busybox sh
[ "$1" != bound ] || ifconfig "$interface" "$ip" netmask "$subnet"
LEASE
}

add_to_installed() {
	folder=$1/lib/initcpio
	for part in functions init init_functions install/base install/block install/filesystems install/keyboard \
		install/systemd install/udev hooks/udev; do
		configured "$part" >"$folder/$part"
	done
	configured mkinitcpio >"$folder/mkinitcpio"
	cp "$(command -v busybox)" "$folder/busybox"
	chmod 755 "$folder/busybox" "$folder/init" "$folder/mkinitcpio"
	write_net_hooks "$folder"
	# where Arch has it
	ln -s "$(find /usr/lib -name libkmod.so.2 | head -n 1)" "$1/lib/libkmod.so.2"
}

# run_mkinitcpio FIRST-HOOKS OPTION...: with the line of HOOKS in docs/mkinitcpio.md that begins so.
run_mkinitcpio() {
	sed -n "s/^    \\(HOOKS=($1 .*\\)/\\1/p" "${top:?}/docs/mkinitcpio.md" >"$work/mkinitcpio.conf"
	shift
	grep -q 'net.* rawswarm)$' "$work/mkinitcpio.conf" || fail "docs/mkinitcpio.md has no such line with HOOKS"
	# What Debian lacks, such as files of udev, is said and left out, with exit code 1.
	/usr/lib/initcpio/mkinitcpio --nocolor --nopost --config "$work/mkinitcpio.conf" --kernel "$version" \
		"$@" >"$work/build.log" 2>&1 || true
	grep -q 'build hook: \[rawswarm\]' "$work/build.log" || fail "mkinitcpio did not get to the hook"
	! grep -i 'error.*rawswarm' "$work/build.log" || fail "mkinitcpio does not take the hook"
}

build_initramfs() {
	run_mkinitcpio 'base udev' --compress cat --generate "$work/initramfs"
	[ -s "$work/initramfs" ] || fail "mkinitcpio did not build an initramfs"
}

# The unit takes the place of the runtime hook. vm.mkinitcpio_systemd boots with it.
expect_unit_with_systemd() {
	mkdir "$work/tree"
	run_mkinitcpio 'base systemd' --generatedir "$work/tree"
	for file in bin/rawswarm lib/systemd/system/rawswarm.service lib/systemd/system/sysroot.mount.d/rawswarm-first.conf; do
		[ -e "$work/tree/usr/$file" ] || fail "mkinitcpio did not take $file along"
	done
	[ ! -e "$work/tree/hooks/rawswarm" ] || fail "the runtime hook is there as well"
}

upstream=${RAWSWARM_MKINITCPIO:-}
[ -n "$upstream" ] || skip "Debian has no mkinitcpio: RAWSWARM_MKINITCPIO names no folder with its source"
[ -f "$upstream/mkinitcpio" ] || skip "$upstream is not the source of mkinitcpio"
prepare_generator bsdtar ldd udevadm
expect_unit_with_systemd
build_initramfs

# Its shell would wait for somebody.
boot_imaged_and_missing "http://$server" "root=LABEL=imaged rw" \
	"rd.rawswarm.beacon=$server:7700 rd.rawswarm.timeout=3 rd.rawswarm.on_failure=poweroff"
expect_imaged_and_missing
echo "passed"
