# SPDX-License-Identifier: BSD-3-Clause
# rawswarm_static: one file that runs anywhere, with nothing but a kernel. What nothing calls is dropped.
# A sanitizer's own library can not be linked statically; a target with the property RAWSWARM_DYNAMIC is not.
if(RAWSWARM_SANITIZE)
	set(static_by_default OFF)
else()
	set(static_by_default ON)
endif()
option(RAWSWARM_STATIC "link statically, C library included" ${static_by_default})

add_library(rawswarm_static INTERFACE)
target_compile_options(rawswarm_static INTERFACE -ffunction-sections -fdata-sections)
target_link_options(rawswarm_static INTERFACE -Wl,--gc-sections)
if(RAWSWARM_STATIC)
	# The linker's warnings here say that getaddrinfo, gethostbyname and dlopen may load shared libraries.
	# They do not: the program names its own resolvers (files and DNS, which are linked in) and loads no
	# OpenSSL module.
	target_link_options(rawswarm_static INTERFACE -Wl,--no-warnings)
	target_link_options(rawswarm_static INTERFACE "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:RAWSWARM_DYNAMIC>>>:-static>")
endif()
