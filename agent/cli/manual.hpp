// SPDX-License-Identifier: BSD-3-Clause
// The manual page rawswarm(1), in roff with the man macros, made from the option table and from texts that
// are in no table. Pure.
#pragma once

#include "agent/cli/option_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

std::string manual_page(
	table_command const& program, std::vector<table_command> const& commands, std::string_view version);

} // namespace rawswarm
