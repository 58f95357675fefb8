# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# make_apt_tree FOLDER SOURCES: fills the empty FOLDER with what apt needs to know the archives that SOURCES, the text
# of a sources.list, names and no others. Nothing of the system's apt is read but its keys, and nothing changes.
# Commands of apt use it with APT_CONFIG=FOLDER/apt.conf, `apt-get update` first. Needs no root.

# shellcheck disable=SC2034 # used by the scripts that source this file
debian_keys=/usr/share/keyrings/debian-archive-keyring.gpg

make_apt_tree() {
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/none"
	: >"$1/status"
	printf '%s\n' "$2" >"$1/sources.list"
	# The sandbox user of apt may not be able to read the checkout.
	cat >"$1/apt.conf" <<-CONF
		Dir::Etc::sourcelist "$1/sources.list";
		Dir::Etc::sourceparts "$1/none";
		Dir::Etc::preferencesparts "$1/none";
		Dir::State::lists "$1/lists";
		Dir::State::status "$1/status";
		Dir::Cache "$1/cache";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "3";
	CONF
}
