// SPDX-License-Identifier: BSD-3-Clause
// An option that may be given several times, with one value each time. Pure.
#pragma once

#include "agent/cli/cli11.hpp"

namespace rawswarm
{

// What follows the value is not the option's. value_name: as --help shows it.
void repeatable(CLI::Option* option, char const* value_name);

} // namespace rawswarm
