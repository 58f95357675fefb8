// SPDX-License-Identifier: BSD-3-Clause
// The copy of the GPT of an image, once the image is on a disk that may be larger.
//
// Blocking. A note is what a person should know of a target that is done, such as that what was asked for was
// not necessary or not possible; empty: nothing.
#pragma once

#include "base/result.hpp"

#include <string>

namespace rawswarm
{

// For a copy that stays where the image has it.
result<std::string> note_on_gpt_copy(std::string const& device);

// Moves it to the end of the disk. The caller has claimed the device.
result<std::string> move_gpt_copy(std::string const& device);

} // namespace rawswarm
