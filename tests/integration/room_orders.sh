#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The orders of `rawswarm serve` by HTTP and in a browser, in a network of its own: from this machine, from others,
# and from pages of others. Pictures of it are left in the build folder.
set -eu
for tool in chromium chromedriver; do
	if ! command -v "$tool" >/dev/null; then
		echo "skipped: no $tool"
		exit 77
	fi
done
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: not root"
	exit 77
fi
exec unshare --net python3 -B "$(dirname "$0")/watch/orders.py" "$(dirname "$RAWSWARM")/pictures"
