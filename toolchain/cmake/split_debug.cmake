# SPDX-License-Identifier: BSD-3-Clause
# rawswarm_split_debug(TARGET)
# TARGET.debug is the program as it was linked, for debuggers; TARGET the same without names and line tables.
# The stripped one appears by a rename, so that whoever starts it during a build gets the old or the new one.
function(rawswarm_split_debug target)
	if(RAWSWARM_SANITIZE)
		return() # its reports name lines only where the program is whole
	endif()
	set_target_properties(${target} PROPERTIES OUTPUT_NAME ${target}.debug)
	set(stripped "$<TARGET_FILE_DIR:${target}>/${target}")
	add_custom_command(TARGET ${target} POST_BUILD
		COMMAND "${CMAKE_OBJCOPY}" --strip-all "--add-gnu-debuglink=$<TARGET_FILE:${target}>"
			"$<TARGET_FILE:${target}>" "${stripped}.new"
		COMMAND "${CMAKE_COMMAND}" -E rename "${stripped}.new" "${stripped}"
		VERBATIM)
endfunction()
