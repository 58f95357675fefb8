// SPDX-License-Identifier: BSD-3-Clause
// Lets a file system take the space that its partition has got, by its own tool, where the machine has it.
//
// Blocking. The device may not be in use.
#pragma once

#include "base/result.hpp"

#include <stop_token>
#include <string>

namespace rawswarm
{

// node: "/dev/sda2". Returns what a person should know: that it has grown ("the ext4 of /dev/sda2 takes all
// of it"), or why it has not, and what would do it. fault::device if its tool fails: "growing the ext4 of
// /dev/sda2: resize2fs: ...".
result<std::string> grow_file_system(std::string const& node, std::stop_token const& stop);

} // namespace rawswarm
