#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs manual.py: the manual pages name all that there is, and mandoc finds no fault with them. Exits 77 (skipped)
# where Python or mandoc is missing.
set -u

for program in python3 mandoc; do
	if ! command -v "$program" >/dev/null 2>&1; then
		echo "skipped: $program is missing"
		exit 77
	fi
done
exec python3 "${0%/*}/manual.py"
