# SPDX-License-Identifier: BSD-3-Clause
# cmake -D PROGRAM=rawswarm -D FOLDER=build -P write_manual.cmake: writes man/man8/rawswarm.8 and the other pages, and
# completion/rawswarm.bash, .zsh and .fish, below FOLDER.

# written(FILE ARGUMENT...): what `PROGRAM help ARGUMENT...` prints
function(written file)
	execute_process(COMMAND "${PROGRAM}" help ${ARGN} OUTPUT_FILE "${file}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${FOLDER}/man")
file(MAKE_DIRECTORY "${FOLDER}/completion" "${FOLDER}/man/man5" "${FOLDER}/man/man8")
execute_process(COMMAND "${PROGRAM}" help --pages OUTPUT_VARIABLE pages COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" pages "${pages}")
foreach(page IN LISTS pages)
	string(REGEX MATCH ".$" section "${page}")
	written("${FOLDER}/man/man${section}/${page}" --man "${page}")
endforeach()
foreach(shell bash zsh fish)
	written("${FOLDER}/completion/rawswarm.${shell}" --completion ${shell})
endforeach()
