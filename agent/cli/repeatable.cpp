// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/repeatable.hpp"

#include <CLI/Option.hpp>

namespace rawswarm
{

void repeatable(CLI::Option* const option, char const* const value_name)
{
	option->type_name(value_name)->expected(1)->allow_extra_args(false)->take_all();
}

} // namespace rawswarm
