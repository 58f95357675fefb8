#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The program is one static file that needs no loader and no library, it is hardened, and it stays small.
set -eu

limit=$((12 * 1024 * 1024)) # bytes; a kernel and initramfs over PXE are about 20 MiB

headers=$(LC_ALL=C readelf --wide --file-header --program-headers "$RAWSWARM")
case $headers in
*INTERP*)
	echo "$RAWSWARM asks for a loader: $headers"
	exit 1
	;;
*LOAD*) ;;
*)
	echo "readelf shows no segments: $headers"
	exit 1
	;;
esac

# must_have TEXT WHAT IN: IN has TEXT, or WHAT is missing
must_have() {
	case $3 in
	*"$1"*) ;;
	*)
		echo "$RAWSWARM $2: $3"
		exit 1
		;;
	esac
}

# What toolchain/hardening.txt and toolchain/cmake/static.cmake ask for.
must_have 'DYN (' 'lies at fixed addresses' "$headers"
must_have GNU_RELRO 'leaves writable what its start has relocated' "$headers"
dynamic=$(LC_ALL=C readelf --wide --dynamic "$RAWSWARM")
must_have NOW 'relocates later than at its start' "$dynamic"
must_have '(RELR)' 'has relocations that are not packed' "$dynamic"
case $dynamic in
*NEEDED*)
	echo "$RAWSWARM needs libraries: $dynamic"
	exit 1
	;;
esac

# One of ours, one of libtorrent's and one of libfdisk's.
code=$(objdump --disassemble --demangle --no-show-raw-insn --section=.text "$RAWSWARM.debug")
for function in 'rawswarm::run_cli(' 'libtorrent::bt_peer_connection::write_handshake(' fdisk_wipe_partition; do
	one=$(printf '%s\n' "$code" |
		awk -v name="<$function" 'index($0, name) && !/clone/ && /:$/ { on = 1 } on && /^$/ { exit } on')
	must_have __stack_chk_fail "does not check the stack at the end of $function" "$one"
done
checked=$(printf '%s\n' "$code" | grep -c 'call .*<__[a-z]*_chk>') || true
if [ "$checked" -lt 10 ]; then
	echo "$RAWSWARM checks the bounds that the compiler knows in $checked places"
	exit 1
fi

size=$(stat --format %s "$RAWSWARM")
echo "$size bytes"
if [ "$size" -ge "$limit" ]; then
	echo "$RAWSWARM has $size bytes, the limit is $limit"
	exit 1
fi
