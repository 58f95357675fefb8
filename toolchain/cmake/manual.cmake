# SPDX-License-Identifier: BSD-3-Clause
# The manual pages and the completions for shells, beside the program, which writes them itself.
if(NOT RAWSWARM_SANITIZE AND (NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR))
	add_custom_command(TARGET rawswarm POST_BUILD
		COMMAND "${CMAKE_COMMAND}" -D "PROGRAM=$<TARGET_FILE:rawswarm>" -D "FOLDER=${CMAKE_BINARY_DIR}"
			-P "${CMAKE_SOURCE_DIR}/toolchain/cmake/write_manual.cmake"
		VERBATIM)
	install(DIRECTORY "${CMAKE_BINARY_DIR}/man/" DESTINATION share/man COMPONENT rawswarm)
	install(FILES "${CMAKE_BINARY_DIR}/completion/rawswarm.bash"
		DESTINATION share/bash-completion/completions RENAME rawswarm COMPONENT rawswarm)
	install(FILES "${CMAKE_BINARY_DIR}/completion/rawswarm.zsh"
		DESTINATION share/zsh/vendor-completions RENAME _rawswarm COMPONENT rawswarm)
	install(FILES "${CMAKE_BINARY_DIR}/completion/rawswarm.fish"
		DESTINATION share/fish/vendor_completions.d RENAME rawswarm.fish COMPONENT rawswarm)
endif()
