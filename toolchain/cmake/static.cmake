# SPDX-License-Identifier: BSD-3-Clause
# rawswarm_static: one file that runs anywhere, with nothing but a kernel. Code that nothing calls is dropped.
# A sanitizer's own library can not be linked statically; a target with the property RAWSWARM_DYNAMIC is not.
if(RAWSWARM_SANITIZE)
	set(static_by_default OFF)
else()
	set(static_by_default ON)
endif()
option(RAWSWARM_STATIC "link statically, C library included" ${static_by_default})

add_library(rawswarm_static INTERFACE)
target_compile_options(rawswarm_static INTERFACE -ffunction-sections -fdata-sections)
target_link_options(rawswarm_static INTERFACE
	"$<$<NOT:$<BOOL:$<TARGET_PROPERTY:RAWSWARM_WHOLE>>>:-Wl,--gc-sections>")
if(RAWSWARM_STATIC)
	# The linker warns here that getaddrinfo, gethostbyname and dlopen may load shared libraries. They do not: the
	# program names its own resolvers (files and DNS, which are linked in) and loads no OpenSSL module. The
	# warnings stay all the same: with --no-warnings ld 2.40 says nothing of an undefined name either, and links.
	target_link_options(rawswarm_static INTERFACE "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:RAWSWARM_DYNAMIC>>>:-static>")
endif()
