# SPDX-License-Identifier: BSD-3-Clause
# cmake --install: the program, and its ways into the distributions' initramfs generators, which look for them
# in these folders below /usr and nowhere else. Hence the prefix; DESTDIR is honoured. Each component is a package
# (package.cmake). Nothing is enabled or added to an initramfs by the installation.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
	set_property(CACHE CMAKE_INSTALL_PREFIX PROPERTY VALUE /usr)
endif()

install(PROGRAMS "${CMAKE_BINARY_DIR}/rawswarm" DESTINATION bin COMPONENT rawswarm)
rawswarm_sources(units systemd "*.service")
install(FILES ${units} DESTINATION lib/systemd/system COMPONENT rawswarm)
install(DIRECTORY dracut/50rawswarm DESTINATION lib/dracut/modules.d USE_SOURCE_PERMISSIONS COMPONENT dracut)
install(DIRECTORY initramfs-tools/ DESTINATION share/initramfs-tools USE_SOURCE_PERMISSIONS COMPONENT initramfs-tools)
install(PROGRAMS mkinitcpio/install/rawswarm DESTINATION lib/initcpio/install COMPONENT mkinitcpio)
install(PROGRAMS mkinitcpio/hooks/rawswarm DESTINATION lib/initcpio/hooks COMPONENT mkinitcpio)
install(FILES mkinitcpio/rawswarm.service DESTINATION lib/systemd/system COMPONENT mkinitcpio)
install(FILES mkinitcpio/rawswarm-first.conf DESTINATION lib/initcpio COMPONENT mkinitcpio)
