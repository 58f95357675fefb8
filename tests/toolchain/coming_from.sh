#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs docs/coming-from.md line by line, on images that the programs it names have made here: partclone, as Clonezilla
# and FOG call it, qemu-img, bmaptool, gzip, xz. With --seen it prints the page with the output that was seen.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -u

typed_here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/typed/page.sh
. "$typed_here/typed/page.sh"

typed_needs sfdisk mkfs.ext4 partclone.ext4 partclone.restore qemu-img bmaptool gzip xz zstd
typed_folder

root_begins=17 # MiB, as sfdisk lays it out
root_size=46
mkdir files
cp -r /usr/share/common-licenses files
head -c 4M /dev/urandom >files/data
truncate -s 64M disk.img
printf 'label: gpt\nsize=16M, type=U, name=efi\nname=root\n' | sfdisk --quiet disk.img
mkfs.ext4 -q -d files -E offset=$((root_begins * 1024 * 1024)) disk.img "${root_size}M"
dd if=disk.img of=root.img bs=1M skip="$root_begins" count="$root_size" status=none

mkdir clonezilla fog bt
sfdisk --dump disk.img | sed 's|disk\.img|/dev/sda|' >clonezilla/sda-pt.sf
partclone.ext4 -c -q -s root.img -O - -L log 2>/dev/null | gzip -1 | split -b 4M - clonezilla/sda2.ext4-ptcl-img.gz.
cp clonezilla/sda-pt.sf fog/d1.partitions
partclone.ext4 -c -q -s root.img -O - -L log 2>/dev/null | zstd -q -1 >fog/d1p2.img
partclone.ext4 -c -q -T -s root.img -O bt/ -L log 2>/dev/null
gzip -1 --keep disk.img
xz -0 --keep disk.img
qemu-img convert -O qcow2 disk.img golden.qcow2
bmaptool --quiet create -o disk.bmap disk.img

typed_page coming-from.md "$@"
