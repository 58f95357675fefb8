// SPDX-License-Identifier: BSD-3-Clause
// The known word that was probably meant by one that is unknown. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rawswarm
{

// The first of those that take the fewest changes: a letter more, less or other, or two neighbours exchanged
// (the restricted Damerau-Levenshtein distance). Empty if that is more than one change per three letters of
// the unknown word, and more than one.
std::optional<std::string> nearest(std::string_view unknown, std::span<std::string const> known);

} // namespace rawswarm
