// SPDX-License-Identifier: BSD-3-Clause
// Further names of this machine, as --http-name takes them. Pure.
#pragma once

#include "base/result.hpp"

#include <string>
#include <vector>

namespace rawswarm
{

// fault::usage: one is no name and no address.
result<void> check_host_names(std::vector<std::string> const& names);

} // namespace rawswarm
