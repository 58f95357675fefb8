# SPDX-License-Identifier: BSD-3-Clause
# A static library per folder, as toolchain/layers.txt says. The library of agent/net is rawswarm_agent_net.
#
# A static library alone would not notice that it calls what stands above it: the linker takes that from
# whatever the program links anyway. So the target `layers` links each library whole, with nothing but what its
# line names.
set(RAWSWARM_LAYERS_FILE "${CMAKE_SOURCE_DIR}/toolchain/layers.txt")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${RAWSWARM_LAYERS_FILE}")

# The CMake target of a library of others, by the folder of its headers.
set(rawswarm_target_of_blkid rawswarm_fdisk)
set(rawswarm_target_of_boost Boost::headers)
set(rawswarm_target_of_CLI CLI11::CLI11)
set(rawswarm_target_of_ext2fs rawswarm_ext2fs)
set(rawswarm_target_of_fmt rawswarm_fmt)
set(rawswarm_target_of_libfdisk rawswarm_fdisk)
set(rawswarm_target_of_libtorrent LibtorrentRasterbar::torrent-rasterbar)
set(rawswarm_target_of_nlohmann nlohmann_json::nlohmann_json)
set(rawswarm_target_of_openssl OpenSSL::SSL OpenSSL::Crypto)
set(rawswarm_target_of_spdlog rawswarm_spdlog)
set(rawswarm_target_of_unistring rawswarm_unistring)
set(rawswarm_target_of_uuid rawswarm_fdisk)
set(rawswarm_target_of_xxhash rawswarm_xxhash)
set(rawswarm_target_of_zlib rawswarm_zlib)
set(rawswarm_target_of_zstd rawswarm_zstd)

function(rawswarm_layer folder ours others)
	string(REPLACE "/" "_" target "rawswarm_${folder}")
	rawswarm_library(${target} ${folder})
	target_link_libraries(${target} PUBLIC rawswarm_options Threads::Threads)
	foreach(below IN LISTS ours)
		string(REPLACE "/" "_" below "rawswarm_${below}")
		if(NOT TARGET ${below})
			message(FATAL_ERROR "toolchain/layers.txt: ${folder} names ${below}, which does not stand above it")
		endif()
		target_link_libraries(${target} PUBLIC ${below})
	endforeach()
	foreach(other IN LISTS others)
		if(NOT DEFINED rawswarm_target_of_${other})
			message(FATAL_ERROR "toolchain/layers.txt: ${folder} names ${other}, which toolchain/cmake/layers.cmake does not know")
		endif()
		target_link_libraries(${target} PUBLIC ${rawswarm_target_of_${other}})
	endforeach()

	add_executable(whole_${target} EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/generated/empty_main.cpp")
	target_link_libraries(whole_${target} PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,${target}>")
	# It is linked to see that it can be, and never run.
	# Undefined names in code that nothing calls count as well, so none is dropped before they are looked up.
	set_target_properties(whole_${target} PROPERTIES
		RAWSWARM_WHOLE ON RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/layers")
	add_dependencies(layers whole_${target})
endfunction()

file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/empty_main.cpp" CONTENT "int main() {}\n")
add_custom_target(layers)
file(STRINGS "${RAWSWARM_LAYERS_FILE}" rawswarm_layers REGEX "^[a-z]")
foreach(layer IN LISTS rawswarm_layers)
	string(REGEX MATCH "^([a-z_/]+) *\\|([^|]*)\\|(.*)$" matched "${layer}")
	if(NOT matched)
		message(FATAL_ERROR "toolchain/layers.txt: not FOLDER | OURS | OTHERS: ${layer}")
	endif()
	set(folder "${CMAKE_MATCH_1}")
	separate_arguments(ours UNIX_COMMAND "${CMAKE_MATCH_2}")
	separate_arguments(others UNIX_COMMAND "${CMAKE_MATCH_3}")
	rawswarm_layer("${folder}" "${ours}" "${others}")
endforeach()
