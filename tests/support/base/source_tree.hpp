// SPDX-License-Identifier: BSD-3-Clause
// Where the project's sources lie. The path is compiled into one file, so that the others are the same in
// every checkout and the compiler's cache finds them.
#pragma once

#include <filesystem>

namespace rawswarm::test
{

std::filesystem::path source_tree();

inline std::filesystem::path fixture_folder()
{
	return source_tree() / "tests/fixtures";
}

} // namespace rawswarm::test
