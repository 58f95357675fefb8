# SPDX-License-Identifier: BSD-3-Clause
# RAWSWARM_VERSION_DATE, which manual pages have, and RAWSWARM_VERSION: what `git describe` says of the tag and the
# commits since, such as 0.1.0-12-g1a2b3c4; without a
# tag the version of project() and the commit, 0.1.0+g1a2b3c4; without git the version of project() alone.
#
# RAWSWARM_VERSION_TIME: when that was, in seconds since 1970: the commit's time; without git SOURCE_DATE_EPOCH, or the
# number below, which a release raises (docs/releasing.md). A clock that is behind it is not set (agent/manifest/job_validity.hpp).
#
# It goes into one source file, so that a commit costs one compilation.
function(rawswarm_git variable)
	execute_process(COMMAND git -C "${CMAKE_SOURCE_DIR}" ${ARGN}
		OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
	if(NOT status EQUAL 0)
		set(output "")
	endif()
	set(${variable} "${output}" PARENT_SCOPE)
endfunction()

set(RAWSWARM_VERSION "${PROJECT_VERSION}")
set(RAWSWARM_VERSION_TIME 1793491200) # 2026-11-01
if("$ENV{SOURCE_DATE_EPOCH}" MATCHES "^[0-9]+$")
	set(RAWSWARM_VERSION_TIME "$ENV{SOURCE_DATE_EPOCH}")
endif()
# A source archive that was unpacked in somebody else's repository is none of its commits.
rawswarm_git(top rev-parse --show-toplevel)
if(top STREQUAL CMAKE_SOURCE_DIR)
	rawswarm_git(described describe --tags --dirty --match "v[0-9]*")
	rawswarm_git(commit describe --always --dirty --exclude "*")
	rawswarm_git(commit_time log -1 --format=%ct)
	if(commit_time)
		set(RAWSWARM_VERSION_TIME "${commit_time}")
	endif()
	if(described)
		string(REGEX REPLACE "^v" "" RAWSWARM_VERSION "${described}")
	elseif(commit)
		set(RAWSWARM_VERSION "${PROJECT_VERSION}+g${commit}")
	endif()
endif()
# Of the commit; without git of this build, or of SOURCE_DATE_EPOCH.
string(TIMESTAMP RAWSWARM_VERSION_DATE "%Y-%m-%d" UTC)
if(top STREQUAL CMAKE_SOURCE_DIR)
	rawswarm_git(date show -s --format=%cs)
	if(date)
		set(RAWSWARM_VERSION_DATE "${date}")
	endif()
endif()
configure_file(toolchain/cmake/version.cpp.in generated/version.cpp @ONLY)
