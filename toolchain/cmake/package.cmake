# SPDX-License-Identifier: BSD-3-Clause
# CPack: .deb and .rpm packages of the components of install.cmake, and a tarball with all of them for any system.
# `toolchain/dev package` runs it. What depends on the version stands in package_project.cmake, which CPack reads when it
# runs, so that another one can be given to it.
if(RAWSWARM_SANITIZE)
	return()
endif()

set(CPACK_PACKAGE_NAME rawswarm)
set(CPACK_PACKAGE_VERSION "${RAWSWARM_VERSION}")
set(CPACK_PACKAGE_VENDOR "the rawswarm authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "puts an operating system image on every disk of a room")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_RAWSWARM_PROCESSOR "${CMAKE_SYSTEM_PROCESSOR}") # for package_project.cmake
set(CPACK_COMPONENTS_ALL rawswarm dracut initramfs-tools mkinitcpio)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES OFF)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PROJECT_CONFIG_FILE "${CMAKE_SOURCE_DIR}/toolchain/cmake/package_project.cmake")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "")
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE BSD-3-Clause)
# A static program needs no library, and is stripped already.
set(CPACK_RPM_PACKAGE_AUTOREQPROV "no")
set(CPACK_RPM_SPEC_MORE_DEFINE "%define __strip /bin/true\n%define debug_package %{nil}\n%define __brp_mangle_shebangs %{nil}")
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
	install(CODE "set(component ${component})
set(source \"${CMAKE_SOURCE_DIR}\")
set(program \"${CMAKE_BINARY_DIR}/rawswarm\")
include(\"${CMAKE_SOURCE_DIR}/toolchain/cmake/package_docs.cmake\")" COMPONENT ${component})
endforeach()

include(CPack)
