# SPDX-License-Identifier: BSD-3-Clause
# cmake --install: the program, and its ways into the distributions' initramfs generators, which look for them
# in these folders below /usr and nowhere else. Hence the prefix; DESTDIR is honoured.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
	set_property(CACHE CMAKE_INSTALL_PREFIX PROPERTY VALUE /usr)
endif()

install(PROGRAMS "${CMAKE_BINARY_DIR}/rawswarm" DESTINATION bin)
install(DIRECTORY dracut/50rawswarm DESTINATION lib/dracut/modules.d USE_SOURCE_PERMISSIONS)
install(DIRECTORY initramfs-tools/ DESTINATION share/initramfs-tools USE_SOURCE_PERMISSIONS)
install(PROGRAMS mkinitcpio/install/rawswarm DESTINATION lib/initcpio/install)
install(PROGRAMS mkinitcpio/hooks/rawswarm DESTINATION lib/initcpio/hooks)
install(FILES mkinitcpio/rawswarm.service DESTINATION lib/systemd/system)
install(FILES mkinitcpio/rawswarm-first.conf DESTINATION lib/initcpio)
# Enabled by whoever wants it, not by the installation.
install(FILES systemd/rawswarm-serve.service DESTINATION lib/systemd/system)
