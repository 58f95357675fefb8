#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The dracut module of rawswarm. Sourced while an initramfs is built.

# Only on request (`dracut --add rawswarm`): not every machine that has the package is to be imaged.
check() {
	require_binaries rawswarm || return 1
	! is_requested || explain_network || return 1
	return 255
}

# dracut calls check() of all modules, whatever is to go into the initramfs.
is_requested() {
	# shellcheck disable=SC2154 # dracut sets them
	[[ " $dracutmodules $add_dracutmodules $force_add_dracutmodules " == *" rawswarm "* ]]
}

# Names the packages, where dracut alone would say that a module which this one depends on cannot be installed.
explain_network() {
	if ! compgen -G "${dracutbasedir:?}/modules.d/[0-9][0-9]network/module-setup.sh" >/dev/null; then
		derror "rawswarm needs the network modules of dracut: install dracut-network"
		return 1
	fi
	# network-legacy alone does without
	if ! find_binary dbus-daemon >/dev/null && ! find_binary dbus-broker >/dev/null \
		&& ! find_binary dhclient >/dev/null; then
		derror "rawswarm needs what brings up the network in an initramfs: install network-manager and dbus"
		return 1
	fi
}

depends() {
	echo network
}

# For every machine, not only for the one that dracut runs on: drivers of disks and network cards, and the file
# systems that an image may contain, and the entries of the firmware.
installkernel() {
	hostonly='' instmods \
		'=drivers/ata' '=drivers/mmc' '=drivers/net/ethernet' '=drivers/net/phy' '=drivers/net/usb' \
		'=drivers/nvme' '=drivers/scsi' '=drivers/usb/host' '=drivers/usb/storage' '=fs/btrfs' '=fs/ext4' '=fs/xfs' \
		efivarfs nls_ascii nls_cp437 nls_iso8859-1 nls_utf8 vfat \
		hv_netvsc hv_storvsc sd_mod virtio_blk virtio_mmio virtio_net virtio_pci virtio_scsi vmxnet3 \
		xen-blkfront xen-netfront
}

# Includes the files in /etc/rawswarm: the key that jobs must be signed with, or a job. The bundles are for https;
# rawswarm looks for them at these paths.
install() {
	inst_binary "$(find_binary rawswarm)" /usr/bin/rawswarm
	inst_multiple -o /etc/rawswarm/* \
		/etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem
	inst_simple "${moddir:?}/rawswarm-lib.sh" /lib/rawswarm-lib.sh
	inst_hook cmdline 30 "$moddir/parse-rawswarm.sh"
	if dracut_module_included network-legacy || dracut_module_included network-manager; then
		inst_hook initqueue/online 90 "$moddir/online-rawswarm.sh"
	else
		# systemd-networkd works without dracut and calls no hook.
		inst_hook initqueue/settled 80 "$moddir/address-rawswarm.sh"
	fi
	inst_hook initqueue/settled 90 "$moddir/start-rawswarm.sh"
	inst_hook initqueue/timeout 10 "$moddir/start-rawswarm-without-network.sh"
	dracut_need_initqueue
}
