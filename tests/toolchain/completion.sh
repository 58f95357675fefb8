#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs completion.py: what bash, zsh and fish complete. Exits 77 (skipped) where one of them, or Python, is missing,
# after those that are there.
set -u

if ! command -v python3 >/dev/null 2>&1; then
	echo "skipped: python3 is missing"
	exit 77
fi
missing=
status=0
for shell in bash zsh fish; do
	if command -v "$shell" >/dev/null 2>&1; then
		python3 "${0%/*}/completion.py" "$shell" || status=1
	else
		missing="$missing $shell"
	fi
done
if [ "$status" -eq 0 ] && [ "$missing" ]; then
	echo "skipped:$missing is missing"
	exit 77
fi
exit $status
