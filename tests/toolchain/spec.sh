#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs spec.py: docs/spec.md against the program and the JSON Schema. Exits 77 (skipped) where Python or its
# jsonschema module is missing.
set -u

if ! python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null
then
	echo "skipped: python3 or python3-jsonschema is missing"
	exit 77
fi
exec python3 "${0%/*}/spec.py"
