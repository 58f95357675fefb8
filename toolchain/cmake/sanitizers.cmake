# SPDX-License-Identifier: BSD-3-Clause
# rawswarm_sanitizers: instruments everything of ours with RAWSWARM_SANITIZE (address, undefined, both with
# a comma, or thread).
# toolchain/dev gives a libtorrent that is built with the same one: thread finds races that are none in code
# that it can not see.
set(RAWSWARM_SANITIZE "" CACHE STRING "address, undefined, address,undefined, thread or nothing")
set_property(CACHE RAWSWARM_SANITIZE PROPERTY STRINGS "" address undefined address,undefined thread)

add_library(rawswarm_sanitizers INTERFACE)
if(RAWSWARM_SANITIZE)
	if(NOT RAWSWARM_SANITIZE MATCHES "^(address|undefined|address,undefined|thread)$")
		message(FATAL_ERROR "RAWSWARM_SANITIZE=${RAWSWARM_SANITIZE}: address, undefined, address,undefined or thread")
	endif()
	target_compile_definitions(rawswarm_sanitizers INTERFACE RAWSWARM_CHECK_INVARIANTS) # base/invariants.hpp
	target_compile_options(rawswarm_sanitizers INTERFACE
		-fsanitize=${RAWSWARM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	if(RAWSWARM_SANITIZE STREQUAL "thread")
		# GCC warns that it does not see the fences of Boost.Asio. A mutex stands beside each of them.
		target_compile_options(rawswarm_sanitizers INTERFACE -Wno-tsan)
	endif()
	target_link_options(rawswarm_sanitizers INTERFACE -fsanitize=${RAWSWARM_SANITIZE})
endif()
