#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The units of `rawswarm serve`, `seed` and `watch` are such as systemd accepts, and give the services few privileges.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
rawswarm=${RAWSWARM:?names the program}
command -v systemd-analyze >/dev/null || {
	echo "skipped: systemd is not installed"
	exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# check NAME MOST: MOST is in tenths, of 10.0 for a service that may do everything. What is left is a network's server.
check() {
	# Where the program is, as it need not be installed; its manual page cannot be looked up for the same reason.
	sed "s|/usr/bin/rawswarm|$rawswarm|" "$top/systemd/$1" >"$work/$1"
	systemd-analyze --man=no verify "$work/$1" 2>"$work/verify.log" || true
	[ ! -s "$work/verify.log" ] || {
		cat "$work/verify.log" >&2
		echo "failed: systemd does not accept $1"
		exit 1
	}
	systemd-analyze security --offline=true --threshold="$2" "$work/$1" >"$work/security.log" 2>&1 || {
		cat "$work/security.log" >&2
		echo "failed: $1 gives more privileges than it has to"
		exit 1
	}
	tail -n 1 "$work/security.log"
}

# As docs/serve.md says.
most=$(sed -n 's/.*an exposure of \([0-9]*\)\.\([0-9]\) of 10.*/\1\2/p' "$top/docs/serve.md")
[ -n "$most" ] || {
	echo "failed: docs/serve.md does not say how exposed the unit is"
	exit 1
}
# What is wrong with a command line, a room, a torrent or a key is not better the next time.
for unit in "$top"/systemd/*.service; do
	grep -q '^RestartPreventExitStatus=2 3$' "$unit" || {
		echo "failed: ${unit##*/} starts again after exit code 2 or 3"
		exit 1
	}
done

# A user of its own cannot read root's key: systemd hands it over, as the unit's comment says.
code=0
"$rawswarm" watch --plain --key-file "$work/no.key" >"$work/no_key.log" 2>&1 </dev/null || code=$?
[ "$code" -eq 3 ] || {
	cat "$work/no_key.log" >&2
	echo "failed: watch without its key ends with $code, not 3"
	exit 1
}
grep -q '^#     LoadCredential=beacon.key:/etc/rawswarm/beacon.key$' "$top/systemd/rawswarm-watch.service" || {
	echo "failed: rawswarm-watch.service does not say how it gets a key"
	exit 1
}

check rawswarm-serve.service "$most"
check rawswarm-seed@.service 20
check rawswarm-watch.service 15
echo "passed"
