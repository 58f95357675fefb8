#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# toolchain/lint_files checks a clean file once, and again if the file, a header, a flag or the checks have changed. A
# file with a finding is checked until it is mended.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
for program in python3 clang-tidy clang++; do
	command -v "$program" >/dev/null || {
		echo "skipped: $program is missing"
		exit 77
	}
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/base" "$work/agent" "$work/build"
cd "$work"
# To compile clang-tidy's plugin takes longer than all the rest.
mkdir clean
cp "$top"/build/lint/own_code-*.so clean/ 2>/dev/null || :

# checks CHECK
checks() {
	printf "Checks: '-*,%s'\nWarningsAsErrors: '*'\nHeaderFilterRegex: '.*'\n" "$1" >.clang-tidy
}

# flags FLAG: with which base/answer.cpp is compiled
flags() {
	cat >build/compile_commands.json <<JSON
[{"directory": "$work/build", "file": "$work/base/answer.cpp",
	"command": "c++ -I$work $1 -o answer.o -c $work/base/answer.cpp"},
{"directory": "$work/build", "file": "$work/agent/main.cpp",
	"command": "c++ -I$work -o main.o -c $work/agent/main.cpp"}]
JSON
}

# header DEFAULT [COMMENT]
header() {
	printf '#pragma once\nint answer(int const* question = %s);%s\n' "$1" "${2:-}" >base/answer.hpp
}

# expect CODE COUNT [FILE...]: lint_files of those ends with CODE after checking COUNT files.
expect() {
	code=$1
	count=$2
	shift 2
	ended=0
	RAWSWARM_ROOT=$work "$top/toolchain/lint_files" build clean "$@" >said 2>&1 || ended=$?
	if [ "$ended" -ne "$code" ] || [ "$(grep -c '^\[' said)" -ne "$count" ]; then
		echo "failed: $step: not exit code $code after $count checks:" >&2
		cat said >&2
		exit 1
	fi
}

checks modernize-use-nullptr
flags -DA
header nullptr
printf '#include "base/answer.hpp"\nint answer(int const* question) { return question != nullptr ? 1 : 0; }\n' >base/answer.cpp
printf 'int main() {}\n' >agent/main.cpp

step='every file is checked'
expect 0 2
step='a clean file is not checked again'
expect 0 0
step='a comment in a header has its file checked'
header nullptr ' // NOLINT'
expect 0 1
step='what was clean before is still known'
header nullptr
expect 0 0
step='a finding in a header fails'
header 0
expect 1 1
grep -q 'base/answer.hpp:2.*modernize-use-nullptr' said
step='a file with a finding is checked again'
expect 1 1
step='a header is checked by its source file'
expect 1 1 base/answer.hpp
step='a folder is all that is in it'
expect 0 0 agent
step='a file that is not there fails'
expect 1 0 agent/mian.cpp
grep -q 'agent/mian.cpp does not exist' said
header nullptr
step='a flag has its file checked'
flags -DB
expect 0 1
step='other checks have every file checked'
checks modernize-use-using
expect 0 2
step='a file that cannot be compiled fails'
rm base/answer.hpp
expect 1 1
step='checks that cannot be read fail'
printf 'Checks: [\n' >.clang-tidy
expect 1 0
echo "passed"
