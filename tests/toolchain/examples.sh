#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs examples.py: the commands and the JSON of all documents against the program and the schemas. Exits 77 (skipped)
# where Python or its jsonschema module is missing.
set -u

if ! python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null
then
	echo "skipped: python3 or python3-jsonschema is missing"
	exit 77
fi
exec python3 -B "${0%/*}/examples.py"
