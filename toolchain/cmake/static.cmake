# SPDX-License-Identifier: BSD-3-Clause
# rawswarm_static: one file that runs anywhere, with nothing but a kernel. Code that nothing calls is dropped.
# A sanitizer's own library can not be linked statically; a target with the property RAWSWARM_DYNAMIC is not.
if(RAWSWARM_SANITIZE)
	set(static_by_default OFF)
else()
	set(static_by_default ON)
endif()
option(RAWSWARM_STATIC "link statically, C library included" ${static_by_default})

# What is mended by the compiler where we were wrong: addresses that differ at each start, a check of the stack at the end
# of functions with arrays, and of the bounds that the compiler knows. One list for our code and the libraries that we build.
if(NOT RAWSWARM_SANITIZE)
	file(STRINGS "${CMAKE_SOURCE_DIR}/toolchain/hardening.txt" hardening)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/toolchain/hardening.txt")
endif()

add_library(rawswarm_static INTERFACE)
target_compile_options(rawswarm_static INTERFACE -ffunction-sections -fdata-sections ${hardening})
target_link_options(rawswarm_static INTERFACE
	"$<$<NOT:$<BOOL:$<TARGET_PROPERTY:RAWSWARM_WHOLE>>>:-Wl,--gc-sections>")
if(RAWSWARM_STATIC)
	# lld keeps functions with the same instructions once, which GNU ld cannot. Only functions: the addresses of data
	# still differ. Relocations that only add where the program lies are packed: they would be a megabyte. What the
	# start has relocated is read-only from then on.
	string(CONCAT static_link -static-pie ";-fuse-ld=lld;-Wl,-O2,--icf=all,--pack-dyn-relocs=relr,-z,relro,-z,now")
	target_link_options(rawswarm_static INTERFACE
		"$<$<NOT:$<BOOL:$<TARGET_PROPERTY:RAWSWARM_DYNAMIC>>>:${static_link}>")
endif()

option(RAWSWARM_UNWIND_C "keep what debuggers need to see through static libraries of C" OFF)

# rawswarm_without_unwind_tables(VARIABLE ARCHIVE)
# A copy of a static library of C without the tables by which an exception passes its functions: none ever does. They
# are a twentieth of the program. Debuggers see no callers from within such a function (HACKING.md).
function(rawswarm_without_unwind_tables variable archive)
	if(RAWSWARM_UNWIND_C OR NOT RAWSWARM_STATIC)
		set(${variable} "${archive}" PARENT_SCOPE)
		return()
	endif()
	cmake_path(GET archive FILENAME name)
	set(copy "${CMAKE_BINARY_DIR}/libraries/${name}")
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${archive}")
	file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/libraries")
	execute_process(COMMAND "${CMAKE_OBJCOPY}" --remove-section=.eh_frame "${archive}" "${copy}.new"
		COMMAND_ERROR_IS_FATAL ANY)
	file(COPY_FILE "${copy}.new" "${copy}" ONLY_IF_DIFFERENT)
	file(REMOVE "${copy}.new")
	set(${variable} "${copy}" PARENT_SCOPE)
endfunction()
