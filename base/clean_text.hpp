// SPDX-License-Identifier: BSD-3-Clause
// Makes text from outside (a datagram, a torrent, a peer, a job, names in /sys) safe to print: the one
// policy for messages, the log and displays.
//
// Pure; no locale.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rawswarm
{

enum class line_breaks
{
	replace,
	keep, // newlines and tabs stay as they are
};

// "?" replaces each control character (C0, DEL, C1), each character that turns the writing direction and each
// byte that is not UTF-8, so that no escape sequence is left.
std::string clean_text(std::string_view text, line_breaks breaks = line_breaks::replace);

// At most max_bytes of text, cut between two characters and ending in "..." if it was cut.
std::string cut_text(std::string_view text, std::size_t max_bytes);

// A value as an error quotes it: clean_text(), cut after max_printed_bytes.
std::string printable(std::string_view text);

inline constexpr std::size_t max_printed_bytes = 200; // initial value, not measured: two lines of a terminal

// C0 or DEL.
bool has_control_characters(std::string_view text);

} // namespace rawswarm
