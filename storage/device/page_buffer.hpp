// SPDX-License-Identifier: BSD-3-Clause
// Memory that begins on a page, as transfers past the page cache want it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rawswarm
{

// Zeros at first. Moves with its owner; one thread at a time.
class page_buffer
{
public:
	static constexpr std::size_t page = 4096;

	explicit page_buffer(std::size_t const bytes)
		: m_room(bytes + page)
	{}

	char* data()
	{
		auto const in_page = reinterpret_cast<std::uintptr_t>(m_room.data()) % page;
		return m_room.data() + (page - in_page) % page;
	}

private:
	std::vector<char> m_room;
};

} // namespace rawswarm
