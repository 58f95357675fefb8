# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# For tests that run the commands of a page as root, with the program $RAWSWARM, in namespaces of their own for
# processes, mounts and the network (page.py), in a folder whose loop devices are detached at the end.
#
#   typed_needs TOOL...      ends the test (77) where one is missing, or what all such pages need
#   typed_folder             makes the folder, and changes to it; what is put there the page finds
#   typed_page FILE [--seen] runs docs/FILE, and returns with the test's exit code
#
# typed_here: the folder of the test, which it sets.

PATH=$PATH:/usr/sbin:/sbin

typed_skip() {
	echo "skipped: $*"
	exit 77
}

typed_needs() {
	[ "$(id -u)" -eq 0 ] || typed_skip "needs root"
	for typed_tool in python3 bash ip losetup unshare "$@"
	do
		command -v "$typed_tool" >/dev/null 2>&1 || typed_skip "$typed_tool is missing"
	done
	unshare --net --mount --pid --fork true 2>/dev/null || typed_skip "namespaces cannot be made here"
	[ -e /dev/loop-control ] || typed_skip "there are no loop devices"
}

typed_clean_up() {
	find "$typed_work" -name '*.img' | while read -r typed_image
	do
		losetup --associated "$typed_image" --noheadings --output NAME 2>/dev/null | xargs -r losetup --detach
	done
	rm -rf "$typed_work"
}

typed_folder() {
	typed_work=$(mktemp -d)
	trap typed_clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir "$typed_work/bin" "$typed_work/shell"
	ln -s "$RAWSWARM" "$typed_work/bin/rawswarm"
	export PATH="$typed_work/bin:$PATH"
	cd "$typed_work/shell" || exit 1
}

# ip's names of namespaces and the agents' sockets are below /run.
typed_page() {
	# shellcheck disable=SC2016,SC2154 # the inner shell expands them; typed_here is the test's
	unshare --net --mount --pid --fork --kill-child --mount-proc sh -ec '
		mount -t tmpfs run /run
		ip link set lo up
		exec python3 "$@"
	' sh "$typed_here/typed/page.py" "$typed_here/../../docs/$1" "${2:-}"
}
