# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# read_pin NAME sets pin_name, pin_version, pin_suite, pin_sha256 from toolchain/pins.
# The caller sets $toolchain to the folder of this file.

# shellcheck disable=SC2034,SC2154 # used, and toolchain set, by the scripts that source this file
read_pin() {
	pin_name=$1
	pin_line=$(grep "^$1 " "$toolchain/pins") || { echo "toolchain/pins does not name $1" >&2; return 1; }
	read -r pin_name pin_version pin_suite pin_sha256 <<-LINE
	$pin_line
	LINE
}
