#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs messages.py: docs/troubleshooting.md against the messages of the program. Exits 77 (skipped) where Python is
# missing.
set -u

if ! command -v python3 >/dev/null 2>&1
then
	echo "skipped: python3 is missing"
	exit 77
fi
exec python3 "${0%/*}/messages.py"
