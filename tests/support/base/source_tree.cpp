// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/source_tree.hpp"

namespace rawswarm::test
{

std::filesystem::path source_tree()
{
	return RAWSWARM_SOURCE_TREE;
}

} // namespace rawswarm::test
