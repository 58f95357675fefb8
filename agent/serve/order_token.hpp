// SPDX-License-Identifier: BSD-3-Clause
// The token that lets a person give the room's orders from another machine: a line in a file that only its
// owner may read. Blocking.
#pragma once

#include "base/result.hpp"

#include <string>

namespace rawswarm
{

// The token in the file; a file that does not exist is made, with a new one: 100 random bits, as four groups
// of letters and digits that are not taken for each other. fault::refused: others may read the file, or it is
// no token of 16 to 128 printable characters without blanks. fault::target: it cannot be made.
result<std::string> open_order_token(std::string const& path);

} // namespace rawswarm
