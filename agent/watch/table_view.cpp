// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/table_view.hpp"

#include <algorithm>
#include <limits>

namespace rawswarm
{

namespace
{

constexpr std::size_t other_rows = 4; // two of the room, the heads of the columns, the keys
constexpr std::size_t max_find_bytes = 64;

void type(table_view& view, key const& pressed)
{
	switch (pressed.kind)
	{
	case key_kind::character:
		if (view.find.size() + pressed.text.size() <= max_find_bytes)
		{
			view.find += pressed.text;
		}
		break;
	case key_kind::backspace:
		while (!view.find.empty())
		{
			bool const inside = (static_cast<unsigned char>(view.find.back()) & 0xc0U) == 0x80;
			view.find.pop_back();
			if (!inside)
			{
				break;
			}
		}
		break;
	case key_kind::escape: view.find.clear(); [[fallthrough]];
	case key_kind::enter: view.typing = false; break;
	default: break;
	}
	view.top = 0;
}

void move(table_view& view, key_kind const kind)
{
	auto const page = page_of(view);
	auto const up = [&](std::size_t by) { view.top -= std::min(view.top, by); };
	switch (kind)
	{
	case key_kind::up: up(1); break;
	case key_kind::down: ++view.top; break;
	case key_kind::page_up: up(page); break;
	case key_kind::page_down: view.top += page; break;
	case key_kind::home: view.top = 0; break;
	case key_kind::end: view.top = std::numeric_limits<std::size_t>::max() / 2; break;
	case key_kind::escape:
		view.find.clear();
		view.filter = table_filter::all;
		view.top = 0;
		break;
	default: break;
	}
}

template <class Enum>
Enum next_of(Enum value, Enum last)
{
	return value == last ? Enum{} : static_cast<Enum>(static_cast<int>(value) + 1);
}

} // namespace

char const* to_string(table_sort s) noexcept
{
	switch (s)
	{
	case table_sort::state: return "state";
	case table_sort::host: return "host";
	case table_sort::progress: return "progress";
	case table_sort::rate: return "rate";
	case table_sort::eta: return "eta";
	case table_sort::age: return "age";
	case table_sort::lost: return "lost";
	}
	return "";
}

char const* to_string(table_filter f) noexcept
{
	switch (f)
	{
	case table_filter::all: return "all";
	case table_filter::trouble: return "trouble";
	case table_filter::working: return "working";
	case table_filter::done: return "done";
	}
	return "";
}

bool press(table_view& view, key const& pressed)
{
	if (view.typing)
	{
		type(view, pressed);
		return false;
	}
	if (pressed.kind != key_kind::character)
	{
		move(view, pressed.kind);
		return false;
	}
	switch (pressed.text.front())
	{
	case 'q': return true;
	case 's': view.sort = next_of(view.sort, table_sort::lost); break;
	case 'r': view.reversed = !view.reversed; break;
	case 'f':
		view.filter = next_of(view.filter, table_filter::done);
		view.top = 0;
		break;
	case '/':
		view.typing = true;
		view.top = 0;
		break;
	case 'k': move(view, key_kind::up); break;
	case 'j': move(view, key_kind::down); break;
	case ' ': move(view, key_kind::page_down); break;
	case 'g': move(view, key_kind::home); break;
	case 'G': move(view, key_kind::end); break;
	default: break;
	}
	return false;
}

std::size_t page_of(table_view const& view) noexcept
{
	return view.rows > other_rows ? view.rows - other_rows : 1;
}

} // namespace rawswarm
