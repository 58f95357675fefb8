// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/evicted_sums.hpp"

#include <functional>
#include <string_view>

namespace rawswarm
{

namespace
{

// 64 bits, and faster than a disk: a block takes some microseconds.
std::size_t sum_of(std::span<char const> const bytes)
{
	return std::hash<std::string_view>{}({bytes.data(), bytes.size()});
}

} // namespace

void evicted_sums::add(piece_key const key, block_index const block, std::span<char const> const bytes)
{
	m_pieces[key][block.value] = {bytes.size(), sum_of(bytes)};
}

void evicted_sums::forget(piece_key const key, block_index const block)
{
	auto const it = m_pieces.find(key);
	if (it != m_pieces.end() && it->second.erase(block.value) == 1 && it->second.empty())
	{
		m_pieces.erase(it);
	}
}

void evicted_sums::forget(piece_key const key)
{
	m_pieces.erase(key);
}

void evicted_sums::forget(std::uint32_t const storage)
{
	std::erase_if(m_pieces, [storage](auto const& p) { return p.first.storage == storage; });
}

std::optional<evicted_sums::sum> evicted_sums::find(piece_key const key, block_index const block) const
{
	auto const piece = m_pieces.find(key);
	if (piece == m_pieces.end())
	{
		return {};
	}
	auto const it = piece->second.find(block.value);
	return it == piece->second.end() ? std::nullopt : std::optional(it->second);
}

bool evicted_sums::sum::differs_from(std::span<char const> const bytes) const
{
	return length <= bytes.size() && value != sum_of(bytes.first(length));
}

} // namespace rawswarm
