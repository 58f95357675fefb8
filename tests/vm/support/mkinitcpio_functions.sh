# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# Stands in for mkinitcpio, which Debian does not have: the functions that rawswarm's install hook calls, as they are
# documented. They build the tree $BUILDROOT for the kernel $version. A test with them does not show that
# mkinitcpio itself accepts the hooks.

: "${BUILDROOT:?}" "${version:?}"

add_file() {
	install -D -m 644 "$1" "$BUILDROOT${2:-$1}"
}

add_binary() {
	binary=$(command -v "$1")
	install -D -m 755 "$binary" "$BUILDROOT${2:-$binary}"
}

# add_module NAME: with its dependencies. If NAME ends in a question mark the kernel may lack it or have it built in.
add_module() {
	case $1 in
	*\?) module_files "${1%\?}" 2>/dev/null ;;
	*) module_files "$1" || echo "no module $1" >&2 ;;
	esac | while read -r module_file; do
		[ -e "$BUILDROOT$module_file" ] || install -D -m 644 "$module_file" "$BUILDROOT$module_file"
	done
}

module_files() {
	modprobe --set-version "$version" --show-depends "$1" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
}

# add_all_modules REGEX: all modules whose path matches.
add_all_modules() {
	find -L "/usr/lib/modules/$version" -name '*.ko*' | grep -E "$1" | while read -r found; do
		found=${found##*/}
		add_module "${found%.ko*}"
	done
}

# The runtime hook of the same name.
add_runscript() {
	add_binary /usr/lib/initcpio/hooks/rawswarm /hooks/rawswarm
}
