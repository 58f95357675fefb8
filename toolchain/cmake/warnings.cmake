# SPDX-License-Identifier: BSD-3-Clause
# rawswarm_warnings: the warnings of our own code, as errors. Headers of others are system headers and
# exempt.
add_library(rawswarm_warnings INTERFACE)
target_compile_options(rawswarm_warnings INTERFACE
	-Wall
	-Wextra
	-Wpedantic
	-Wconversion
	-Wsign-conversion
	-Wshadow
	-Werror
)
