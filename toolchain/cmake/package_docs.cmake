# SPDX-License-Identifier: BSD-3-Clause
# Run by the installation of each component, with `component`, `source` and `program` set. For CPack it adds what a
# package must have and `cmake --install` does not: licence, changelog, compressed manual pages.
if(NOT DEFINED ENV{RAWSWARM_PACKAGE})
	return()
endif()
set(kind "$ENV{RAWSWARM_PACKAGE}")
set(version "$ENV{RAWSWARM_PACKAGE_VERSION}")
set(usr "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}") # file(INSTALL) puts DESTDIR before its folder by itself
set(name rawswarm)
if(NOT component STREQUAL "rawswarm")
	set(name "rawswarm-${component}")
endif()

# A file that everybody can read, whatever the umask.
function(readable)
	file(CHMOD ${ARGN} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

file(GLOB_RECURSE pages "${usr}/share/man/*.[58]")
if(pages AND NOT kind STREQUAL "TXZ")
	execute_process(COMMAND gzip -9nf ${pages} COMMAND_ERROR_IS_FATAL ANY)
endif()

if(kind STREQUAL "DEB")
	set(doc "${usr}/share/doc/${name}")
	file(READ "${source}/LICENSE" license)
	string(REGEX REPLACE "^BSD 3-Clause License\n\n" "" license "${license}")
	string(REGEX MATCH "Copyright[^\n]*" copyright "${license}")
	string(REGEX REPLACE "^Copyright[^\n]*\n\n" "" license "${license}")
	string(STRIP "${license}" license)
	string(REPLACE "\n\n" "\n.\n" license "${license}")
	string(REPLACE "\n" "\n " license "${license}")
	string(REPLACE "Copyright (c) " "" copyright "${copyright}")
	set(parts "")
	if(component STREQUAL "rawswarm")
		set(parts "Comment:\n The program is linked statically. What is linked in has licences of its own, among them the\n LGPL, \
versions 2, 2.1 and 3, see /usr/share/common-licenses; \"rawswarm --licenses\" prints them\n all, and the list of parts of a release names the versions.\n")
	endif()
	file(WRITE "${doc}/copyright" "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: rawswarm
${parts}
Files: *
Copyright: ${copyright}
License: BSD-3-Clause

License: BSD-3-Clause
 ${license}
")
	string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
	file(WRITE "${doc}/changelog" "rawswarm (${version}) unstable; urgency=medium

  * See CHANGELOG.md of the source.

 -- $ENV{RAWSWARM_PACKAGE_MAINTAINER}  ${date}
")
	execute_process(COMMAND gzip -9nf "${doc}/changelog" COMMAND_ERROR_IS_FATAL ANY)
	readable("${doc}/copyright" "${doc}/changelog.gz")
	if(EXISTS "${source}/toolchain/packaging/${name}.lintian-overrides")
		file(INSTALL "${source}/toolchain/packaging/${name}.lintian-overrides" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/lintian/overrides"
			RENAME "${name}")
	endif()
elseif(kind STREQUAL "RPM")
	file(INSTALL "${source}/LICENSE" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/licenses/${name}")
	# Where zsh of the systems with RPM looks.
	if(EXISTS "${usr}/share/zsh/vendor-completions")
		file(RENAME "${usr}/share/zsh/vendor-completions" "${usr}/share/zsh/site-functions")
	endif()
elseif(component STREQUAL "rawswarm")
	set(doc "${usr}/share/doc/rawswarm")
	file(INSTALL "${source}/LICENSE" "${source}/README.md" "${source}/CHANGELOG.md" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/doc/rawswarm")
	execute_process(COMMAND "${program}" --licenses OUTPUT_FILE "${doc}/licenses" COMMAND_ERROR_IS_FATAL ANY)
	readable("${doc}/licenses")
endif()
