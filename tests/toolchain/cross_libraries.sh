#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What `toolchain/dev deps --arch arm64 build` makes: libtorrent, libfdisk and OpenSSL for aarch64, which a static program is
# linked with. Run by QEMU, it hashes a known text by libtorrent, with the SHA instructions of a processor that has them
# and without them on one that has not. The folders of this machine's own libraries are others, and dpkg knows of nothing.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck source=SCRIPTDIR/../support/verdict.sh
. tests/support/verdict.sh

unset RAWSWARM_SANITIZE CC CXX
[ -f build/arm64.built ] || skip "nothing was built for aarch64 (toolchain/dev deps --arch arm64 build)"
{
	read -r sysroot
	read -r libtorrent
	read -r libfdisk
} <build/arm64.built
for folder in "$sysroot" "$libtorrent" "$libfdisk"; do
	[ -d "$folder" ] || skip "what was built for aarch64 is gone: $folder"
done
command -v aarch64-linux-gnu-g++ >/dev/null || skip "there is no compiler for aarch64"
architectures=$(dpkg --print-foreign-architectures)
own=$(toolchain/libtorrent/build)
CXX=$sysroot/bin/g++
[ "$own" != "$libtorrent" ] || fail "two architectures have the folder $own"
[ "$(dpkg --print-foreign-architectures)" = "$architectures" ] || fail "dpkg has another architecture now"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cat >"$work/hash.cpp" <<'SOURCE'
#include <cstdio>

#include <libfdisk/libfdisk.h>
#include <libtorrent/hasher.hpp>

int main()
{
	for (unsigned char const byte : lt::hasher("abc", 3).final())
	{
		std::printf("%02x", byte);
	}
	auto* const context = fdisk_new_context();
	fdisk_unref_context(context);
	return context == nullptr ? 1 : 0;
}
SOURCE
# shellcheck disable=SC2046 # words
"$CXX" -std=c++17 $(sed -n 's/^Cflags: //p' "$libtorrent"/lib/pkgconfig/*.pc | tr ' ' '\n' | grep '^-D') \
	-isystem "$libtorrent/include" -isystem "$libfdisk/include" "$work/hash.cpp" -static-pie -fuse-ld=lld \
	-L "$libtorrent/lib" -L "$libfdisk/lib" -ltorrent-rasterbar -lfdisk -lblkid -luuid -lssl -lcrypto -o "$work/hash"
LC_ALL=C readelf --file-header "$work/hash" | grep -q 'Machine: *AArch64' || fail "the program is for another processor"

# sha_instructions: checks the hash; prints in how many places of the program an instruction for SHA-1 ran
sha_instructions() {
	hash=$(QEMU_LOG=in_asm QEMU_LOG_FILENAME=$work/log qemu-aarch64-static "$work/hash") || fail "it ends with $?"
	[ "$hash" = a9993e364706816aba3e25717850c26c9cd0d89d ] || fail "the SHA-1 of abc is $hash"
	grep -c '[[:space:]]sha1c[[:space:]]' "$work/log" || true
}
with=$(sha_instructions)
export OPENSSL_armcap=0 # what OpenSSL finds on a processor without any extension
without=$(sha_instructions)
[ "$with" -gt 0 ] || fail "no SHA instruction was used"
[ "$without" -eq 0 ] || fail "SHA instructions are used where there are none"
echo "passed: SHA-1 by its instructions in $with places"
