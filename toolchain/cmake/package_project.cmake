# SPDX-License-Identifier: BSD-3-Clause
# Read by CPack once for each generator, before it packs: names, versions and dependencies of the packages.
# CPACK_COMPONENTS_ALL is what the kind of system has a use for.
#
# A version of git describe, 0.1.0-12-g1a2b3c4, has hyphens, which part a version from a revision elsewhere.
string(REPLACE "-" "+" CPACK_PACKAGE_VERSION "${CPACK_PACKAGE_VERSION}")

# For package_docs.cmake, which CPack runs in its own process.
set(ENV{RAWSWARM_PACKAGE} "${CPACK_GENERATOR}")
set(ENV{RAWSWARM_PACKAGE_VERSION} "${CPACK_PACKAGE_VERSION}")

# Who answers for packages that are given to others.
set(maintainer "the rawswarm authors <rawswarm@localhost.localdomain>")
if(DEFINED ENV{RAWSWARM_MAINTAINER})
	set(maintainer "$ENV{RAWSWARM_MAINTAINER}")
endif()
set(CPACK_PACKAGE_CONTACT "${maintainer}")
set(ENV{RAWSWARM_PACKAGE_MAINTAINER} "${maintainer}")

# Lines of at most 78 characters.
set(program_text "One static program, started from an initramfs, a rescue shell or a running
system, that joins a BitTorrent swarm and writes what arrives straight to raw
partitions: every machine of a room passes on what it has.")
set(dracut_text "Puts rawswarm into an initramfs made by dracut, if dracut is told to:
add_dracutmodules+=\" rawswarm \". The installation alone changes no initramfs.")
set(initramfs_tools_text "Puts rawswarm into an initramfs made by initramfs-tools, if the file
/etc/initramfs-tools/conf.d/rawswarm has the line RAWSWARM=yes. The
installation alone puts no program into any.")

if(CPACK_GENERATOR STREQUAL DEB)
	set(CPACK_COMPONENTS_ALL rawswarm dracut initramfs-tools)
	unset(CPACK_PACKAGE_DESCRIPTION_SUMMARY) # it would stand before those of each package
	set(CPACK_DEBIAN_PACKAGE_SECTION admin)
	set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
	set(CPACK_DEBIAN_RAWSWARM_PACKAGE_NAME rawswarm)
	set(CPACK_DEBIAN_RAWSWARM_DESCRIPTION "puts an operating system image on every disk of a room\n${program_text}")
	# https, and the page of a room that gives addresses.
	set(CPACK_DEBIAN_RAWSWARM_PACKAGE_RECOMMENDS ca-certificates)
	set(CPACK_DEBIAN_RAWSWARM_PACKAGE_SUGGESTS "dnsmasq-base, partclone, minisign")
	set(CPACK_DEBIAN_DRACUT_PACKAGE_NAME rawswarm-dracut)
	set(CPACK_DEBIAN_DRACUT_DESCRIPTION "images a machine from an initramfs of dracut\n${dracut_text}")
	set(CPACK_DEBIAN_DRACUT_PACKAGE_ARCHITECTURE all)
	set(CPACK_DEBIAN_DRACUT_PACKAGE_DEPENDS "rawswarm (>= ${CPACK_PACKAGE_VERSION}), dracut-core")
	set(CPACK_DEBIAN_DRACUT_PACKAGE_RECOMMENDS dracut-network)
	set(CPACK_DEBIAN_INITRAMFS-TOOLS_PACKAGE_NAME rawswarm-initramfs-tools)
	set(CPACK_DEBIAN_INITRAMFS-TOOLS_DESCRIPTION
		"images a machine from an initramfs of initramfs-tools\n${initramfs_tools_text}")
	set(CPACK_DEBIAN_INITRAMFS-TOOLS_PACKAGE_ARCHITECTURE all)
	set(CPACK_DEBIAN_INITRAMFS-TOOLS_PACKAGE_DEPENDS
		"rawswarm (>= ${CPACK_PACKAGE_VERSION}), initramfs-tools-core")
elseif(CPACK_GENERATOR STREQUAL RPM)
	set(CPACK_COMPONENTS_ALL rawswarm dracut)
	set(CPACK_RPM_MAIN_COMPONENT rawswarm)
	set(CPACK_RPM_PACKAGE_DESCRIPTION "${program_text}")
	set(CPACK_RPM_DRACUT_PACKAGE_NAME rawswarm-dracut)
	set(CPACK_RPM_DRACUT_PACKAGE_SUMMARY "images a machine from an initramfs of dracut")
	set(CPACK_RPM_DRACUT_PACKAGE_DESCRIPTION "${dracut_text}")
	set(CPACK_RPM_DRACUT_PACKAGE_ARCHITECTURE noarch)
	set(CPACK_RPM_DRACUT_PACKAGE_REQUIRES "rawswarm >= ${CPACK_PACKAGE_VERSION}, dracut, dracut-network")
	# Folders of the system, and of other packages.
	set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
		/usr/lib/systemd /usr/lib/systemd/system /usr/lib/dracut /usr/lib/dracut/modules.d
		/usr/share/man /usr/share/man/man5 /usr/share/man/man8 /usr/share/licenses
		/usr/share/bash-completion /usr/share/bash-completion/completions
		/usr/share/zsh /usr/share/zsh/site-functions /usr/share/zsh/vendor-completions
		/usr/share/fish /usr/share/fish/vendor_completions.d)
else()
	set(CPACK_PACKAGE_FILE_NAME "rawswarm-${CPACK_PACKAGE_VERSION}-linux-${CPACK_RAWSWARM_PROCESSOR}")
	set(CPACK_INCLUDE_TOPLEVEL_DIRECTORY ON)
	set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
endif()
