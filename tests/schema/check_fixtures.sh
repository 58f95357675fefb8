#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs check_fixtures.py. Exits 77 (skipped) where Python or its jsonschema module is missing.
set -u

if ! command -v python3 >/dev/null 2>&1
then
	echo "skipped: python3 is missing"
	exit 77
fi
if ! python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null
then
	echo "skipped: python3-jsonschema is missing"
	exit 77
fi
exec python3 "${0%/*}/check_fixtures.py"
