# SPDX-License-Identifier: BSD-3-Clause
# The page of `rawswarm watch --http`: its files become a source file of the program (agent/watch/packed_page.hpp).
# They are packed, as the program is loaded over the network.
find_program(RAWSWARM_ZSTD zstd REQUIRED)
rawswarm_sources(files agent/watch/page "*")
set(packed "${CMAKE_BINARY_DIR}/generated/packed_page.cpp")
set(script "${CMAKE_SOURCE_DIR}/toolchain/cmake/pack_page.cmake")
add_custom_command(OUTPUT "${packed}"
	COMMAND "${CMAKE_COMMAND}" -D "OUTPUT=${packed}" -D "FILES=${files}" -P "${script}"
	DEPENDS ${files} "${script}"
	COMMENT "Packing the page"
	VERBATIM)
target_sources(rawswarm_agent_watch PRIVATE "${packed}")
