// SPDX-License-Identifier: BSD-3-Clause
// Letters of ASCII in lower case, all else as it is; no locale.
#pragma once

#include <string>
#include <string_view>

namespace rawswarm
{

std::string lower_case(std::string_view text);

} // namespace rawswarm
