// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/beacon_bytes.hpp"

#include "base/clean_text.hpp"

#include <algorithm>
#include <string>

namespace rawswarm
{

namespace
{

// Heap memory, about: what strings of the usual library take, and the allocator's part.
std::size_t bytes_of(std::string const& text) noexcept
{
	constexpr std::size_t inside = 15;
	constexpr std::size_t allocation = 16;
	return text.capacity() > inside ? text.capacity() + allocation : 0;
}

void shorten(std::string& text)
{
	constexpr std::size_t short_text = 48;
	text = cut_text(text, short_text);
	text.shrink_to_fit();
}

} // namespace

std::size_t bytes_of(received_beacon const& b) noexcept
{
	auto bytes = bytes_of(b.id.job) + bytes_of(b.id.agent) + bytes_of(b.id.host) + bytes_of(b.id.run)
		+ bytes_of(b.id.boot) + (b.p.error ? bytes_of(b.p.error->text) : 0)
		+ b.p.targets.capacity() * sizeof(target_progress);
	for (auto const& t : b.p.targets)
	{
		bytes += bytes_of(t.device) + bytes_of(t.info_hash) + bytes_of(t.note) + bytes_of(t.error);
	}
	return bytes;
}

// What is kept of a beacon where there is no memory for all of it.
void slim(received_beacon& b)
{
	b.p.targets.resize(std::min<std::size_t>(b.p.targets.size(), 1));
	b.p.targets.shrink_to_fit();
	for (auto& t : b.p.targets)
	{
		for (auto* text : {&t.device, &t.info_hash, &t.note, &t.error})
		{
			shorten(*text);
		}
	}
	for (auto* text : {&b.id.job, &b.id.host})
	{
		shorten(*text);
	}
	if (b.p.error)
	{
		shorten(b.p.error->text);
	}
}

} // namespace rawswarm
