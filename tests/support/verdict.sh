# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# How a test that is a script ends early. Sourced; ctest knows the exit codes: 77 skipped, 1 failed.

# skip WHY...
skip() {
	echo "skipped: $*"
	exit 77
}

# fail WHY...: a script that has logs defines another one, which shows them as well
fail() {
	echo "failed: $*" >&2
	exit 1
}
