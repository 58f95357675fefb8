#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The fuzzers build, and find nothing in their corpus. `toolchain/dev fuzz NAME` looks for more.
set -eu
cd "$(dirname "$0")/../.."
for source in tests/fuzz/*.cpp; do
	name=$(basename "$source" .cpp)
	test -n "$(ls "tests/fuzz/corpus/$name")"
	toolchain/dev fuzz "$name" 0
done
