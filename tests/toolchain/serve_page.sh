#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every command of docs/serve.md is one that a test in tests/vm runs, or is in the list below, with who tries it.
# Exit codes: 0 passed, 1 failed.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cat >"$work/elsewhere" <<'LIST'
toolchain/dev build
cmake --install build/release
apt-get install --no-install-recommends dnsmasq-base
toolchain/dev netboot "$(toolchain/vm_kernel amd64)"
systemctl enable --now rawswarm-serve
RAWSWARM_SERVE=--dnsmasq full --interface eth1
LIST
# In this order: every test; install.sh; toolchain/packages/test.txt; served_room.sh, which calls what this verb calls;
# serve_unit.sh, twice.

sed -n 's/^ *    \([A-Za-z]\)/\1/p' "$top/docs/serve.md" >"$work/commands"
[ "$(wc -l <"$work/commands")" -ge 15 ] || {
	echo "failed: the commands of docs/serve.md were not found"
	exit 1
}
while read -r command; do
	grep -qxF -- "$command" "$work/elsewhere" || cat "$top"/tests/vm/serve_*.sh | grep -qF -- "_page '$command'" || {
		echo "failed: no test runs: $command"
		touch "$work/failed"
	}
done <"$work/commands"
[ ! -e "$work/failed" ] || exit 1
echo "passed: $(wc -l <"$work/commands") commands"
