// SPDX-License-Identifier: BSD-3-Clause
// Text of manual pages: roff with the man macros, as groff and mandoc read it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace rawswarm
{

// Lines of plain text, of at most 78 bytes where words allow it, with a newline at the end: backslashes stay,
// options can be copied, and no line becomes a macro.
std::string roff_lines(std::string_view text);

// In bold and in italics, for within a line: every hyphen is one that can be copied.
std::string roff_bold(std::string_view text);
std::string roff_italic(std::string_view text);

// The first line of a page.
std::string roff_title(std::string_view name, int section);

} // namespace rawswarm
