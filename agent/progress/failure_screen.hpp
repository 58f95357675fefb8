// SPDX-License-Identifier: BSD-3-Clause
// What a machine shows that failed and waits for somebody: its exit code, its name and its address as large
// as the terminal allows, and below them what went wrong.
//
// Pure.
#pragma once

#include "agent/progress/big_letters.hpp"

#include <cstddef>
#include <string>

namespace rawswarm
{

struct failure_facts
{
	int exit_code = 0;
	std::string host; // "", "(none)" and "localhost" are no names
	std::string mac; // may be empty
	std::string text; // what went wrong, in one line
};

struct screen_shape
{
	std::size_t columns = 80;
	std::size_t rows = 24;
	letter_ink ink = letter_ink::hashes;
	bool has_style = false; // bold type by escape sequences
};

// Lines that end in newlines. None of them but the text, which may be long, is wider than the screen, and all
// of them leave space for the greeting and the prompt of a shell. On a small screen the address, then the
// name are not large, then nothing is. A name that is too long is cut.
std::string failure_screen(failure_facts const& facts, screen_shape const& shape);

} // namespace rawswarm
