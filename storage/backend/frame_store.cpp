// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/frame_store.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace rawswarm
{

frame_store::frame_store(buffer_pool& pool, std::function<char*()> take)
	: m_pool(pool)
	, m_take(std::move(take))
{}

frame_store::~frame_store()
{
	for (auto const& h : m_holders)
	{
		m_pool.unref(h.buffer);
	}
}

int frame_store::max_blocks() const
{
	return std::max(1, static_cast<int>(m_pool.capacity() * max_share));
}

std::span<char> frame_store::keep(
	piece_key const key, block_index const block, std::span<char const> const frame)
{
	return keep_at_any_price(key, block, frame, m_take);
}

std::span<char> frame_store::keep_at_any_price(piece_key const key, block_index const block,
	std::span<char const> const frame, std::function<char*()> const& take)
{
	BOOST_ASSERT(!frame.empty() && frame.size() <= std::size_t(block_size));
	{
		mutex_lock const l(m_mutex);
		if (!m_holders.empty() && m_holders.back().used + frame.size() <= std::size_t(block_size))
		{
			return append(key, block, frame);
		}
	}
	while (blocks() >= max_blocks() && evict())
	{}
	char* const buffer = take(); // without the mutex, as it may call evict()
	if (!buffer)
	{
		return {};
	}
	mutex_lock const l(m_mutex);
	m_holders.push_back({++m_last_number, buffer, 0, {}});
	return append(key, block, frame);
}

// The last holder has room for it.
std::span<char> frame_store::append(
	piece_key const key, block_index const block, std::span<char const> const frame)
{
	auto& h = m_holders.back();
	std::span<char> const kept(h.buffer + h.used, frame.size());
	std::ranges::copy(frame, kept.begin());
	h.used += frame.size();
	h.frames.emplace_back(key, block);
	auto& places = m_places[key];
	auto const at = static_cast<std::size_t>(block.value);
	if (places.size() <= at)
	{
		places.resize(at + 1);
	}
	places[at] = {kept, h.number};
	m_pool.ref(h.buffer);
	return kept;
}

std::span<char> frame_store::find(piece_key const key, block_index const block)
{
	mutex_lock const l(m_mutex);
	auto const it = m_places.find(key);
	auto const at = static_cast<std::size_t>(block.value);
	if (it == m_places.end() || at >= it->second.size() || it->second[at].frame.empty())
	{
		return {};
	}
	auto const frame = it->second[at].frame;
	m_pool.ref(frame.data());
	return frame;
}

void frame_store::drop(piece_key const key, block_index const block)
{
	mutex_lock const l(m_mutex);
	auto const it = m_places.find(key);
	auto const at = static_cast<std::size_t>(block.value);
	if (it != m_places.end() && at < it->second.size())
	{
		it->second[at] = {};
	}
}

void frame_store::drop(piece_key const key)
{
	mutex_lock const l(m_mutex);
	m_places.erase(key);
}

void frame_store::drop(std::uint32_t const storage)
{
	mutex_lock const l(m_mutex);
	std::erase_if(m_places, [storage](auto const& p) { return p.first.storage == storage; });
}

bool frame_store::evict()
{
	char* buffer = nullptr;
	{
		mutex_lock const l(m_mutex);
		auto const oldest =
			std::ranges::find_if(m_holders, [this](holder const& h) { return m_pool.is_unshared(h.buffer); });
		if (oldest == m_holders.end())
		{
			return false;
		}
		forget_frames(*oldest);
		buffer = oldest->buffer;
		m_holders.erase(oldest);
	}
	m_pool.unref(buffer);
	return true;
}

void frame_store::forget_frames(holder const& h)
{
	for (auto const& [key, block] : h.frames)
	{
		auto const it = m_places.find(key);
		auto const at = static_cast<std::size_t>(block.value);
		if (it == m_places.end() || at >= it->second.size() || it->second[at].holder != h.number)
		{
			continue;
		}
		it->second[at] = {};
		if (std::ranges::all_of(it->second, [](place const& p) { return p.frame.empty(); }))
		{
			m_places.erase(it);
		}
	}
}

int frame_store::blocks() const
{
	mutex_lock const l(m_mutex);
	return static_cast<int>(m_holders.size());
}

} // namespace rawswarm
