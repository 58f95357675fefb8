#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The page of `rawswarm watch --http` in a browser. Pictures of it are left in the build folder.
set -eu
for tool in chromium chromedriver; do
	if ! command -v "$tool" >/dev/null; then
		echo "skipped: no $tool"
		exit 77
	fi
done
exec python3 -B "$(dirname "$0")/watch/page.py" "$(dirname "$RAWSWARM")/pictures"
