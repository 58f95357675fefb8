#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The files that a machine boots from the network are the same, byte for byte, whenever and wherever they are made
# from the same kernel and program, also from a kernel package that was only unpacked.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

PATH=$PATH:/usr/sbin:/sbin
top=$(cd "$(dirname "$0")/../.." && pwd)
rawswarm=${RAWSWARM:-$top/build/release/rawswarm}

[ -x "$rawswarm" ] || {
	echo "skipped: $rawswarm is not built"
	exit 77
}
for tool in busybox cpio depmod zstd; do
	command -v "$tool" >/dev/null || {
		echo "skipped: $tool is not installed (toolchain/packages/netboot.txt)"
		exit 77
	}
done
kernel=$("$top/toolchain/vm_kernel") || {
	echo "skipped: no kernel"
	exit 77
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo key >"$work/key"
"$top/initramfs/netboot" "$kernel" --agent "$rawswarm" --add "$work/key:/etc/rawswarm/trusted.pub" -o "$work/one"

# Other times, another order of the files, another folder, other modes, no modules.dep.
mkdir "$work/tmp"
cp -r "$kernel" "$work/unpacked"
find "$work/unpacked" -name 'modules.dep*' -exec rm {} +
cp "$rawswarm" "$work/agent"
touch "$work/key"
(
	umask 077
	export TMPDIR="$work/tmp" LC_ALL=C.UTF-8 TZ=Asia/Tokyo
	cd /
	"$top/initramfs/netboot" "$work/unpacked" --job "http://rawswarm/\${mac}.json" -o "$work/two" \
		--add "$work/key:/etc/rawswarm/trusted.pub" --agent "$work/agent"
)
diff -r "$work/one" "$work/two" || {
	echo "failed: the second one differs"
	exit 1
}
echo "passed: the same bytes twice"
