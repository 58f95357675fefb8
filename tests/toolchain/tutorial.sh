#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs docs/tutorial.md line by line as root, with the program $RAWSWARM, on loop devices, in namespaces of its own for
# processes, mounts and the network (tutorial.py). With --seen it prints the page with the output that was seen.
# Exit codes: 0 passed, 1 failed, 77 skipped.
set -u

PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)

skip() {
	echo "skipped: $*"
	exit 77
}

[ "$(id -u)" -eq 0 ] || skip "needs root"
for tool in python3 bash ip losetup sfdisk mkfs.ext4 unshare
do
	command -v "$tool" >/dev/null 2>&1 || skip "$tool is missing"
done
unshare --net --mount --pid --fork true 2>/dev/null || skip "namespaces cannot be made here"
[ -e /dev/loop-control ] || skip "there are no loop devices"

work=$(mktemp -d)
clean_up() {
	for image in "$work"/shell/room/*.img
	do
		losetup --associated "$image" --noheadings --output NAME 2>/dev/null | xargs -r losetup --detach
	done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$work/bin" "$work/shell"
ln -s "$RAWSWARM" "$work/bin/rawswarm"
export PATH="$work/bin:$PATH"
cd "$work/shell" || exit 1
# ip's names of namespaces and the agents' sockets are below /run.
# shellcheck disable=SC2016 # the inner shell expands them
unshare --net --mount --pid --fork --kill-child --mount-proc sh -ec '
	mount -t tmpfs run /run
	ip link set lo up
	exec python3 "$@"
' sh "$here/tutorial.py" "$@"
