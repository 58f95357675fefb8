# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# apt for another architecture. $toolchain, which who sources this has set: this folder.
# shellcheck disable=SC2154

# shellcheck source=SCRIPTDIR/mirror.sh
. "$toolchain/mirror.sh"

# apt_of ARCH: from then on apt-get and apt-cache, as what this shell starts, know the packages of ARCH and no others, from
# the archive of this system's apt. They have a tree of their own, as in fetch_source: no architecture is added to dpkg, and
# nothing can be installed. Needs no root. Its lists are as new as the system's.
apt_of() {
	apt_build=$(CDPATH='' cd -- "$toolchain/.." && pwd)/build
	apt_tree=$apt_build/apt-$1
	mkdir -p "$apt_build"
	exec 6>"$apt_build/.lock-apt-$1"
	flock 6
	if ! [ -d "$apt_tree" ] || [ -n "$(find /var/lib/apt/lists -maxdepth 0 -newer "$apt_tree" 2>/dev/null)" ]; then
		new=$(mktemp -d "$apt_build/apt.XXXXXX")
		mkdir -p "$new/lists/partial" "$new/cache/archives/partial" "$new/none"
		: >"$new/status"
		debian_sources | sed 's|^deb |deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' >"$new/sources.list"
		# The sandbox user of apt may not be able to read the checkout.
		sed "s|@TREE@|$apt_tree|; s|@ARCH@|$1|" >"$new/apt.conf" <<-'CONF'
			APT::Architecture "@ARCH@";
			APT::Architectures { "@ARCH@"; };
			Dir::Etc::sourcelist "@TREE@/sources.list";
			Dir::Etc::sourceparts "@TREE@/none";
			Dir::Etc::preferencesparts "@TREE@/none";
			Dir::State::lists "@TREE@/lists";
			Dir::State::status "@TREE@/status";
			Dir::Cache "@TREE@/cache";
			APT::Sandbox::User "root";
			Acquire::Languages "none";
			Acquire::Retries "3";
		CONF
		chmod 755 "$new"
		rm -rf "$apt_tree"
		mv -T "$new" "$apt_tree"
		APT_CONFIG=$apt_tree/apt.conf apt-get -qq update >&2 || {
			rm -rf "$apt_tree"
			echo "apt_of: the lists of $1 cannot be had from the archive that apt uses" >&2
			return 1
		}
		touch "$apt_tree"
	fi
	exec 6>&-
	export APT_CONFIG="$apt_tree/apt.conf"
}
