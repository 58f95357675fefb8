#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# --arch of toolchain/dev deps: another architecture than arm64 is refused, as is one with a sanitizer, and without the option
# everything stays that of this machine.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck source=SCRIPTDIR/../support/verdict.sh
. tests/support/verdict.sh

# refuses WORDS VERB [ARGUMENT...]: the verb ends with 2 and says WORDS, before it installs or builds anything
refuses() {
	words=$1
	shift
	code=0
	said=$(toolchain/dev "$@" 2>&1) || code=$?
	[ "$code" -eq 2 ] || fail "toolchain/dev $* ends with $code: $said"
	case $said in
	*"$words"*) ;;
	*) fail "toolchain/dev $* says: $said" ;;
	esac
}

unset RAWSWARM_SANITIZE
refuses 'it can be arm64' deps --arch mips
refuses 'it can be arm64' deps --arch=mips
refuses 'it can be arm64' deps --arch
RAWSWARM_SANITIZE=thread refuses 'no sanitizers' deps --arch arm64

# What take_arch makes of the words of a verb: the architecture, and the rest of the words.
taken() {
	sh -euc '. toolchain/cross.sh; take_arch "$@"; shift "$arch_arguments"; echo "$arch|$*"' deps "$@"
}
[ "$(taken --arch arm64 build test)" = 'arm64|build test' ] || fail "--arch arm64"
[ "$(taken --arch=arm64 build)" = 'arm64|build' ] || fail "--arch=arm64"
[ "$(taken build)" = '|build' ] || fail "no --arch"
[ "$(taken)" = '|' ] || fail "no word at all"
echo passed
