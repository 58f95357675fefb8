# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# Reads toolchain/linked.txt. $toolchain, which who sources this has set: this folder.
# shellcheck disable=SC2154

# linked_parts: the lines of the table, as NAME|ORIGIN|LICENCE|FILES without blanks around the bars.
linked_parts() {
	sed 's/#.*//; s/ *| */|/g; s/ *$//; /^$/d' "$toolchain/linked.txt"
}

# is_pinned ORIGIN: built from source
is_pinned() {
	grep -q "^$1 " "$toolchain/pins"
}

# part_version ORIGIN
part_version() {
	if is_pinned "$1"; then
		sed -n "s/^$1 \([^ ]*\) .*/\1/p" "$toolchain/pins"
	else
		# shellcheck disable=SC2016 # dpkg's own variables
		dpkg-query -W -f '${source:Version}' "$1"
	fi
}

# part_source ORIGIN: the name of the source package
part_source() {
	if is_pinned "$1"; then
		echo "$1"
	else
		# shellcheck disable=SC2016 # dpkg's own variables
		dpkg-query -W -f '${source:Package}' "$1"
	fi
}
