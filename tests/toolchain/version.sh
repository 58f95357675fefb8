#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The program names the commit that it was built from.
set -eu
cd "$(dirname "$0")/../.."

git rev-parse HEAD >/dev/null 2>&1 || exit 77 # a source archive
commit=$(git describe --tags --match 'v[0-9]*' 2>/dev/null | sed 's/^v//') || true
test -n "$commit" || commit=g$(git rev-parse --short HEAD)
"$RAWSWARM" --version | grep -F -- "$commit"
