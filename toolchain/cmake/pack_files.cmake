# SPDX-License-Identifier: BSD-3-Clause
# cmake -D OUTPUT=file.cpp -D HEADER=file.hpp -D NAME=function -D FILES=list -P pack_files.cmake: see
# packed_files.cmake. Needs the tool zstd.
set(table "")
set(all "${OUTPUT}.all")
foreach(file IN LISTS FILES)
	cmake_path(GET file FILENAME name)
	file(SIZE "${file}" size)
	string(APPEND table "\tpacked_file{\"${name}\", ${size}},\n")
endforeach()
execute_process(COMMAND "${CMAKE_COMMAND}" -E cat ${FILES} OUTPUT_FILE "${all}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND zstd --ultra -22 --no-check -q -f "${all}" -o "${all}.zst" COMMAND_ERROR_IS_FATAL ANY)
file(READ "${all}.zst" hex HEX)
file(REMOVE "${all}" "${all}.zst")
string(REGEX REPLACE "(..)" "\\\\x\\1" escaped "${hex}")
string(REGEX REPLACE "((\\\\x..)(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?)" "\n\t\"\\1\"" escaped "${escaped}")

file(WRITE "${OUTPUT}" "// Made by toolchain/cmake/pack_files.cmake.
#include \"${HEADER}\"

#include <array>

namespace rawswarm
{

namespace
{

constexpr std::array names{
${table}};

constexpr char bytes[] =${escaped};

} // namespace

packed_files ${NAME}()
{
	return {names, {bytes, sizeof(bytes) - 1}};
}

} // namespace rawswarm
")
