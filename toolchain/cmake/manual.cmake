# SPDX-License-Identifier: BSD-3-Clause
# The manual page and the completion for bash, beside the program, which writes them itself.
if(NOT RAWSWARM_SANITIZE AND (NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR))
	add_custom_command(TARGET rawswarm POST_BUILD
		COMMAND rawswarm help --man > "${CMAKE_BINARY_DIR}/rawswarm.1"
		COMMAND rawswarm help --completion bash > "${CMAKE_BINARY_DIR}/rawswarm.bash"
		VERBATIM)
	install(FILES "${CMAKE_BINARY_DIR}/rawswarm.1" DESTINATION share/man/man1)
	install(FILES "${CMAKE_BINARY_DIR}/rawswarm.bash"
		DESTINATION share/bash-completion/completions RENAME rawswarm)
endif()
