#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Firmware goes into the initramfs where a driver in it names it, and nothing else of what a package has. No machine
# is started. Exit codes: 0 passed, 1 failed, 77 skipped. RAWSWARM names the program under test.
set -eu

PATH=$PATH:/usr/sbin:/sbin
top=$(cd "$(dirname "$0")/../.." && pwd)
rawswarm=${RAWSWARM:-$top/build/release/rawswarm}

# shellcheck source=SCRIPTDIR/../support/verdict.sh
. "$top/tests/support/verdict.sh"

[ -x "$rawswarm" ] || skip "$rawswarm is not built"
for tool in busybox cpio depmod modinfo zstd; do
	command -v "$tool" >/dev/null || skip "$tool is not installed (toolchain/packages/vm.txt)"
done
kernel=$("$top/toolchain/vm_kernel" amd64) || skip "no kernel for the virtual machine"
work=$(mktemp -d "${TMPDIR:-/var/tmp}/rawswarm-vm.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# As in packages: a file, a link to one, one that is compressed, and those of drivers that are left out.
folder=$work/package/usr/lib/firmware
mkdir -p "$folder/rtl_nic" "$folder/bnx2" "$folder/iwlwifi"
echo one >"$folder/rtl_nic/rtl8168d-1.fw"
ln -s rtl8168d-1.fw "$folder/rtl_nic/rtl8168d-2.fw"
echo two >"$folder/bnx2/bnx2-mips-06-6.2.3.fw.xz"
echo no >"$folder/iwlwifi/iwlwifi-9260.ucode"
echo no >"$folder/rtl_nic/README"

"$top/initramfs/build" "$kernel" --agent "$rawswarm" --firmware "$work/package" -o "$work/initramfs" 2>"$work/log"
zstd -qdc "$work/initramfs" >"$work/cpio"
cpio --quiet -t <"$work/cpio" | grep '^lib/firmware/.*/' | LC_ALL=C sort >"$work/found"
diff - "$work/found" <<'LIST' || fail "the initramfs has other firmware than the drivers name"
lib/firmware/bnx2/bnx2-mips-06-6.2.3.fw.xz
lib/firmware/rtl_nic/rtl8168d-1.fw
lib/firmware/rtl_nic/rtl8168d-2.fw
LIST
[ "$(cpio --quiet -i --to-stdout lib/firmware/rtl_nic/rtl8168d-2.fw <"$work/cpio")" = one ] \
	|| fail "a link was not followed"
grep -q '3 files' "$work/log" || fail "it is not said how many files were found: $(cat "$work/log")"

mkdir -p "$work/other/lib/firmware"
! "$top/initramfs/build" "$kernel" --agent "$rawswarm" --firmware "$work/other" -o "$work/none" 2>"$work/log" \
	|| fail "a folder without any firmware for the drivers was accepted"
grep -q 'it has none of the files' "$work/log" || fail "it is not said what is wrong: $(cat "$work/log")"
[ ! -e "$work/none" ] || fail "an initramfs was written all the same"

# What Debian has for two drivers: every file that they name and its packages hold, byte for byte.
code=0
real=$("$top/toolchain/firmware" firmware-realtek firmware-bnx2 2>"$work/log") || code=$?
case $code in
0) ;;
3) skip "Debian's firmware cannot be fetched: $(tail -n 1 "$work/log")" ;;
*) fail "toolchain/firmware ends with $code: $(cat "$work/log")" ;;
esac
find "$kernel/lib/modules" -name r8169.ko -o -name bnx2.ko >"$work/drivers"
xargs modinfo -F firmware <"$work/drivers" | LC_ALL=C sort -u | while read -r name; do
	[ ! -f "$real/lib/firmware/$name" ] || echo "lib/firmware/$name"
done >"$work/named"
for part in /rtl_nic/rtl8168h-2.fw /bnx2/; do
	grep -q "$part" "$work/named" || fail "Debian's packages lack what a driver names: $part"
done
"$top/initramfs/build" "$kernel" --agent "$rawswarm" --firmware "$real" -o "$work/initramfs" 2>"$work/log"
zstd -qdc "$work/initramfs" >"$work/cpio"
mkdir "$work/initramfs.files"
(cd "$work/initramfs.files" && cpio --quiet -idm 'lib/firmware/*' <"$work/cpio")
while read -r file; do
	cmp "$real/$file" "$work/initramfs.files/$file" || fail "a driver's firmware is not in the initramfs"
done <"$work/named"
echo "passed"
