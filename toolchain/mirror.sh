# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# debian_mirror: prints the address of the Debian archive that this system installs its packages from.
# debian_release: prints the name of the installed release.
# debian_sources: prints what sources.list needs for the same release with its updates and security fixes.

debian_release() {
	# shellcheck source=/dev/null
	(. /etc/os-release && printf '%s\n' "$VERSION_CODENAME")
}

debian_sources() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' \
		'Created-By: Packages' 'Component: main' 'Origin: Debian' | sort -u
}

debian_mirror() {
	mirror=$(known_mirror)
	# The package lists were never fetched, or were removed.
	if [ -z "$mirror" ] && [ "$(id -u)" -eq 0 ]; then
		apt-get -qq update >&2
		mirror=$(known_mirror)
	fi
	test -n "$mirror" || { echo "apt knows no Debian archive: run apt-get update as root" >&2; return 1; }
	printf '%s\n' "$mirror"
}

# The release itself: its updates and its security archive may be on other servers, which have no other releases.
known_mirror() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Component: main' 'Origin: Debian' "Codename: $(debian_release)" | head -n 1
}
