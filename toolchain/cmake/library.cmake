# SPDX-License-Identifier: BSD-3-Clause
# rawswarm_sources(VARIABLE FOLDER PATTERN [RECURSE] [EXCEPT FILE...])
# The files of a folder, and with RECURSE those of the folders in it, found anew at every build.
function(rawswarm_sources variable folder pattern)
	cmake_parse_arguments(PARSE_ARGV 3 arg "RECURSE" "" "EXCEPT")
	set(glob GLOB)
	if(arg_RECURSE)
		set(glob GLOB_RECURSE)
	endif()
	file(${glob} sources CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/${folder}/${pattern}")
	if(arg_EXCEPT)
		list(REMOVE_ITEM sources ${arg_EXCEPT})
	endif()
	list(TRANSFORM sources PREPEND "${CMAKE_SOURCE_DIR}/")
	set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# rawswarm_library(TARGET FOLDER [EXCEPT FILE...])
# A static library of a folder and those in it. The target all_verify_interface_header_sets compiles each of its headers
# alone.
function(rawswarm_library target folder)
	cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "EXCEPT")
	rawswarm_sources(sources ${folder} "*.cpp" RECURSE EXCEPT ${arg_EXCEPT})
	rawswarm_sources(headers ${folder} "*.hpp" RECURSE)
	add_library(${target} STATIC ${sources})
	target_sources(${target} PUBLIC
		FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${headers})
	set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()
