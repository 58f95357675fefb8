// SPDX-License-Identifier: BSD-3-Clause
// Text from the network in the columns of a terminal: as wide as it should be, whatever it holds.
//
// Columns are Unicode's, by libunistring: 2 for East Asian wide characters and emoji, 1 for others. What
// takes no column of its own (combining marks, joiners, spaces without width) is left out, as it would be
// drawn over its neighbours, or makes two names look the same. What clean_text() replaces is a "?". Pure; no
// locale.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rawswarm
{

// The text in exactly `columns`: cut, with ".." at its end where there is room for it, or padded with blanks.
std::string in_columns(std::string_view text, std::size_t columns);

// The same, with the padding before the text.
std::string at_right(std::string_view text, std::size_t columns);

// The text cut alike, and not padded.
std::string cut_to_columns(std::string_view text, std::size_t columns);

std::size_t columns_of(std::string_view text);

} // namespace rawswarm
