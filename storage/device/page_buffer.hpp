// SPDX-License-Identifier: BSD-3-Clause
// Memory that begins on a page, for transfers past the page cache.
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
	// The unit of the page cache, and at least the unit of every device's direct transfers.
	static constexpr std::size_t page = 4096;

	explicit page_buffer(std::size_t const bytes)
		: m_memory(bytes + page)
	{}

	char* data()
	{
		auto const in_page = reinterpret_cast<std::uintptr_t>(m_memory.data()) % page;
		return m_memory.data() + (page - in_page) % page;
	}

private:
	std::vector<char> m_memory;
};

} // namespace rawswarm
