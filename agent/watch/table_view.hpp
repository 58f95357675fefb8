// SPDX-License-Identifier: BSD-3-Clause
// How a person looks at the table: what stands first, what is left out, which part is seen. Pure.
#pragma once

#include "agent/watch/keys.hpp"

#include <cstddef>
#include <string>

namespace rawswarm
{

enum class table_sort
{
	state,
	host,
	progress,
	rate,
	eta,
	age,
	lost,
};

enum class table_filter
{
	all,
	trouble, // failed, silent, or held up
	working,
	done, // and seeding
};

char const* to_string(table_sort s) noexcept;
char const* to_string(table_filter f) noexcept;

struct table_view
{
	std::size_t rows = 24; // of the terminal
	std::size_t columns = 80;
	bool colours = true;

	table_sort sort = table_sort::state;
	bool reversed = false;
	table_filter filter = table_filter::all;
	std::string find; // empty: all; else only machines whose name, address or job has it
	bool typing = false; // `find` is being typed
	std::size_t top = 0; // the first machine that is seen; the table corrects one that is too large
};

// What the table does with a key. True for the one that ends it: q, where no text is typed.
bool press(table_view& view, key const& pressed);

// Rows of machines that fit.
std::size_t page_of(table_view const& view) noexcept;

} // namespace rawswarm
