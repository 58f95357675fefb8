#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# toolchain/linked.txt names every archive that the program is linked with, and every library of toolchain/layers.txt;
# `rawswarm --licenses` and the list of parts have each of them, with the version that is installed.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
rawswarm=${RAWSWARM:?names the program}
[ -e "$rawswarm.debug" ] || {
	echo "skipped: a build with a sanitizer is not static"
	exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
toolchain=$top/toolchain
# shellcheck source=SCRIPTDIR/../../toolchain/linked.sh
. "$toolchain/linked.sh"

linked_parts | cut -d '|' -f 4 | tr ' ' '\n' >"$work/known"

# fails if $1, which is in $2, is not in the table
expect_known() {
	grep -qxF -- "$1" "$work/known" || {
		echo "failed: $2 has $1, which toolchain/linked.txt has not" >&2
		touch "$work/failed"
	}
}

ninja -C "$(dirname "$rawswarm")" -t commands rawswarm | grep -- '-o rawswarm.debug' | tr ' ' '\n' \
	| sed -n 's|.*/||; /\.a$/p' | grep -v '^librawswarm_' >"$work/archives"
[ "$(wc -l <"$work/archives")" -ge 10 ] || {
	echo "failed: the command that links the program was not found" >&2
	exit 1
}
while read -r archive; do
	expect_known "$archive" "the link"
done <"$work/archives"

# By the folders of their headers; some are archives as well. blkid, libfdisk and uuid are of util-linux.
sed -n 's/^[a-z].*|//p' "$top/toolchain/layers.txt" | tr -s ' ' '\n' | sort -u | while read -r library; do
	case $library in
	'') ;;
	blkid | uuid | unistring | zstd) expect_known "lib$library.a" layers.txt ;;
	libfdisk) expect_known libfdisk.a layers.txt ;;
	zlib) expect_known libz.a layers.txt ;;
	openssl) expect_known libssl.a layers.txt ;;
	libtorrent) expect_known libtorrent-rasterbar.a layers.txt ;;
	*) expect_known "$library" layers.txt ;;
	esac
done

"$rawswarm" --licenses >"$work/licenses"
SOURCE_DATE_EPOCH=0 "$toolchain/sbom" 1.2.3 "$rawswarm" >"$work/sbom"
linked_parts | while IFS='|' read -r name origin licence _; do
	grep -qxF "$name $(part_version "$origin"): $licence" "$work/licenses" || {
		echo "failed: --licenses does not have $name of this version" >&2
		touch "$work/failed"
	}
done
empty=$(awk '/^=+$/ { if (title != "" && bytes < 300) print title; title = before; bytes = 0; next }
	{ bytes += length($0); before = $0 }
	END { if (bytes < 300) print title }' "$work/licenses")
[ -z "$empty" ] || {
	printf 'failed: --licenses has no text of: %s\n' "$empty" >&2
	touch "$work/failed"
}
if command -v python3 >/dev/null; then
	# Each part is there once, with a version, a licence and a place, and the program is linked with all.
	python3 - "$work/sbom" "$(linked_parts | wc -l)" <<'PYTHON' || touch "$work/failed"
import json
import sys

sbom = json.load(open(sys.argv[1]))
parts = sbom["packages"][1:]
assert sbom["spdxVersion"] == "SPDX-2.3" and sbom["packages"][0]["versionInfo"] == "1.2.3"
assert sbom["creationInfo"]["created"] == "1970-01-01T00:00:00Z"
assert len(parts) == int(sys.argv[2]) == len({part["SPDXID"] for part in parts}), len(parts)
for part in parts:
    assert part["versionInfo"] and part["licenseConcluded"] and part["externalRefs"][0]["referenceLocator"], part
linked = {r["relatedSpdxElement"] for r in sbom["relationships"] if r["relationshipType"] == "STATIC_LINK"}
assert linked == {part["SPDXID"] for part in parts}
PYTHON
fi
[ ! -e "$work/failed" ] || exit 1
echo "passed: $(linked_parts | wc -l) parts, $(wc -c <"$work/licenses") bytes of licences"
