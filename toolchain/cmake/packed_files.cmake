# SPDX-License-Identifier: BSD-3-Clause
# rawswarm_packed_files(TARGET NAME HEADER FILE...)
# Files become a source file of TARGET with the function NAME of HEADER (base/packed_files.hpp). They are packed, as the
# program is loaded over the network.
find_program(RAWSWARM_ZSTD zstd REQUIRED)
function(rawswarm_packed_files target name header)
	set(packed "${CMAKE_BINARY_DIR}/generated/${name}.cpp")
	set(script "${CMAKE_SOURCE_DIR}/toolchain/cmake/pack_files.cmake")
	add_custom_command(OUTPUT "${packed}"
		COMMAND "${CMAKE_COMMAND}" -D "OUTPUT=${packed}" -D "HEADER=${header}" -D "NAME=${name}" -D "FILES=${ARGN}"
			-P "${script}"
		DEPENDS ${ARGN} "${script}"
		COMMENT "Packing: ${name}"
		VERBATIM)
	target_sources(${target} PRIVATE "${packed}")
endfunction()

# The page of `rawswarm watch --http`.
rawswarm_sources(files agent/watch/page "*")
rawswarm_packed_files(rawswarm_agent_watch packed_page agent/watch/packed_page.hpp ${files})

# What `rawswarm --licenses` prints, and the schemas.
set(licenses "${CMAKE_BINARY_DIR}/generated/licenses")
set(toolchain "${CMAKE_SOURCE_DIR}/toolchain")
add_custom_command(OUTPUT "${licenses}"
	COMMAND "${toolchain}/licenses" > "${licenses}.new"
	COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${licenses}.new" "${licenses}"
	DEPENDS "${toolchain}/licenses" "${toolchain}/linked.sh" "${toolchain}/linked.txt" "${toolchain}/pins"
		"${CMAKE_SOURCE_DIR}/LICENSE" /var/lib/dpkg/status
	COMMENT "Collecting the licences of what is linked in"
	VERBATIM)
rawswarm_packed_files(rawswarm_agent_cli packed_texts agent/cli/packed_texts.hpp "${licenses}"
	"${CMAKE_SOURCE_DIR}/agent/manifest.schema.json" "${CMAKE_SOURCE_DIR}/agent/room/room.schema.json")
