# rawswarm_split_debug(TARGET)
# Leaves the program stripped, and what a debugger wants to know beside it in PROGRAM.debug.
function(rawswarm_split_debug target)
	if(RAWSWARM_SANITIZE)
		return() # its reports name lines only where the program is whole
	endif()
	set(program "$<TARGET_FILE:${target}>")
	add_custom_command(TARGET ${target} POST_BUILD
		COMMAND "${CMAKE_OBJCOPY}" --only-keep-debug "${program}" "${program}.debug"
		COMMAND "${CMAKE_STRIP}" --strip-all "${program}"
		COMMAND "${CMAKE_OBJCOPY}" "--add-gnu-debuglink=${program}.debug" "${program}"
		VERBATIM)
endfunction()
