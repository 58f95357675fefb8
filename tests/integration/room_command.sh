#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# `rawswarm room`, and `status`, `log` and `stop` of a `rawswarm serve`, in a network and a /run of their own.
set -eu
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: not root"
	exit 77
fi
exec unshare --net --mount --propagation private python3 -B "$(dirname "$0")/watch/room_command.py"
