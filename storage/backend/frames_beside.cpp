// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/frames_beside.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

void piece_frames::add(std::span<char const> const frame)
{
	m_bytes.insert(m_bytes.end(), frame.begin(), frame.end());
	m_ends.push_back(m_bytes.size());
}

std::span<char const> piece_frames::of_block(std::size_t const block) const
{
	if (block >= m_ends.size())
	{
		return {};
	}
	auto const begin = block == 0 ? 0 : m_ends[block - 1];
	return std::span(m_bytes).subspan(begin, m_ends[block] - begin);
}

void frames_beside::offer(lt::sha1_hash const& info_hash, lt::piece_index_t const piece, piece_frames frames,
	std::size_t const most_bytes)
{
	if (frames.blocks() == 0)
	{
		return;
	}
	mutex_lock const l(m_mutex);
	auto bytes = frames.bytes();
	for (auto const& o : m_offered)
	{
		bytes += o.frames.bytes();
	}
	while (bytes > most_bytes && !m_offered.empty())
	{
		bytes -= m_offered.front().frames.bytes();
		m_offered.erase(m_offered.begin());
	}
	m_offered.push_back({info_hash, piece, std::move(frames)});
	m_count = m_offered.size();
}

std::string frames_beside::take(
	lt::sha1_hash const& info_hash, lt::piece_index_t const piece, std::size_t const block)
{
	mutex_lock const l(m_mutex);
	auto const found = std::ranges::find_if(
		m_offered, [&](offered const& o) { return o.piece == piece && o.info_hash == info_hash; });
	if (found == m_offered.end())
	{
		return {};
	}
	auto const frame = found->frames.of_block(block);
	std::string taken(frame.begin(), frame.end());
	if (block + 1 >= found->frames.blocks())
	{
		m_offered.erase(found);
		m_count = m_offered.size();
	}
	return taken;
}

} // namespace rawswarm
