// SPDX-License-Identifier: BSD-3-Clause
// Letters that can be read across a room, made of characters: a font of seven rows, four pixels wide where
// the letter allows it, so that a MAC address fits into 80 columns.
//
// Own drawings, for A to Z, 0 to 9 and what names and addresses have between them; lower case is drawn as
// upper case. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// '#' is ink, '.' is none; all rows are equally long.
using big_letters = std::array<std::string, 7>;

// One pixel lies between two letters. A character that has no drawing is a question mark.
big_letters draw_letters(std::string_view text);

enum class letter_ink
{
	blocks, // full and half blocks, in UTF-8
	hashes // ASCII alone
};

// One line of text for each row, without blanks at its end. A pixel becomes as many columns wide as `scale`
// says, and half as many rows high, which on a terminal is a square; with hashes, whose rows cannot be
// halved, an odd scale is half a row higher.
std::vector<std::string> enlarge(big_letters const& letters, std::size_t scale, letter_ink ink);

// How many rows that are.
std::size_t rows_of(std::size_t scale, letter_ink ink);

} // namespace rawswarm
