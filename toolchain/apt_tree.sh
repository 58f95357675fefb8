# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# apt with archives, or for an architecture, that this system's apt does not know. It gets a tree of its own: nothing is
# installed, no architecture is added to dpkg, and root is not needed. $toolchain, which who sources this has set: this
# folder.
# shellcheck disable=SC2154

# shellcheck source=SCRIPTDIR/mirror.sh
. "$toolchain/mirror.sh"

debian_keys=/usr/share/keyrings/debian-archive-keyring.gpg

# make_apt_tree FOLDER SOURCES [ARCH]: fills the empty FOLDER with what apt needs to know the archives that SOURCES, the
# text of a sources.list, names and no others, and fetches their lists. Nothing of the system's apt is read but its keys.
# Commands of apt use it with APT_CONFIG=FOLDER/apt.conf.
make_apt_tree() {
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/none"
	: >"$1/status"
	printf '%s\n' "$2" >"$1/sources.list"
	# The sandbox user of apt may not be able to read the checkout. Without the error mode an archive that cannot be
	# reached is no error.
	cat >"$1/apt.conf" <<-CONF
		Dir::Etc::sourcelist "$1/sources.list";
		Dir::Etc::sourceparts "$1/none";
		Dir::Etc::preferencesparts "$1/none";
		Dir::State::lists "$1/lists";
		Dir::State::status "$1/status";
		Dir::Cache "$1/cache";
		APT::Sandbox::User "root";
		APT::Update::Error-Mode "any";
		Acquire::Languages "none";
		Acquire::Retries "3";
	CONF
	test -z "${3:-}" || printf 'APT::Architecture "%s";\nAPT::Architectures { "%s"; };\n' "$3" "$3" >>"$1/apt.conf"
	chmod 755 "$1"
	APT_CONFIG=$1/apt.conf apt-get -qq update >&2
}

# apt_of ARCH: from then on apt-get and apt-cache, as what this shell starts, know the packages of ARCH and no others, from
# the archive of this system's apt. The tree is kept in the build folder, and its lists are as new as the system's.
apt_of() {
	apt_build=$(CDPATH='' cd -- "$toolchain/.." && pwd)/build
	apt_tree=$apt_build/apt-$1
	mkdir -p "$apt_build"
	exec 6>"$apt_build/.lock-apt-$1"
	flock 6
	if ! [ -d "$apt_tree" ] || [ -n "$(find /var/lib/apt/lists -maxdepth 0 -newer "$apt_tree" 2>/dev/null)" ]; then
		sources=$(debian_sources | sed "s|^deb |deb [signed-by=$debian_keys] |")
		test -n "$sources" || {
			echo "apt_of: this system's apt knows no archive of Debian (apt-get update?)" >&2
			return 1
		}
		new=$(mktemp -d "$apt_build/apt.XXXXXX")
		make_apt_tree "$new" "$sources" "$1" || {
			rm -rf "$new"
			echo "apt_of: the lists of $1 cannot be had from the archive that apt uses" >&2
			return 1
		}
		sed -i "s|$new|$apt_tree|" "$new/apt.conf"
		rm -rf "$apt_tree"
		mv -T "$new" "$apt_tree"
		touch "$apt_tree"
	fi
	exec 6>&-
	export APT_CONFIG="$apt_tree/apt.conf"
}
