// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/storage_target.hpp"

#include "storage/backend/pad_pieces.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

storage_target::storage_target(std::unique_ptr<block_device> device,
	std::shared_ptr<lt::torrent_info const> info, extent_map extents, target_options options,
	std::function<void(error const&)> on_error)
	: m_device(std::move(device))
	, m_info(std::move(info))
	, m_extents(std::move(extents))
	, m_options(std::move(options))
	, m_on_error(std::move(on_error))
{
	auto const pieces = static_cast<std::size_t>(m_info->num_pieces());
	m_verified.resize(pieces, false);
	m_written.resize(block_number(lt::piece_index_t{m_info->num_pieces()}, {0}), false);
	if (auto const pads = find_pad_pieces(*m_info, m_extents)) // otherwise it is never complete
	{
		for (auto const piece : pads.value())
		{
			m_verified[static_cast<std::size_t>(static_cast<int>(piece))] = true;
		}
		m_verified_pieces = static_cast<int>(pads.value().size());
	}
}

std::size_t storage_target::block_number(lt::piece_index_t const piece, block_index const block) const
{
	auto const per_piece = blocks_in(m_info->piece_length());
	return static_cast<std::size_t>(static_cast<int>(piece)) * static_cast<std::size_t>(per_piece)
		+ static_cast<std::size_t>(block.value);
}

// A piece may lie in several extents, whose order in the torrent is not that of the device.
bool storage_target::holds_piece(lt::piece_index_t const piece) const
{
	auto const end = m_held_behind.load(std::memory_order_relaxed);
	auto const parts = m_extents.map(piece, 0, m_info->piece_size(piece));
	return end != not_held
		&& std::ranges::none_of(parts, [end](auto const& p) { return p.offset && p.offset->bytes < end; });
}

std::int64_t storage_target::device_bytes(
	lt::piece_index_t const piece, int const offset, int const length) const
{
	std::int64_t sum = 0;
	for (auto const& s : m_extents.map(piece, offset, length))
	{
		sum += s.offset ? s.length : 0;
	}
	return sum;
}

void storage_target::fail(error const& e)
{
	if (!m_error.set(e))
	{
		return;
	}
	if (m_on_error)
	{
		m_on_error(e);
	}
	tell_end();
}

void storage_target::leave()
{
	if (!m_has_left.exchange(true))
	{
		tell_end();
	}
}

void storage_target::set_on_end(std::function<void()> on_end)
{
	mutex_lock const l(m_end_mutex);
	m_on_end = std::move(on_end);
}

// Under the mutex, so that nobody is told who no longer wants to be.
void storage_target::tell_end()
{
	mutex_lock const l(m_end_mutex);
	if (m_on_end)
	{
		m_on_end();
	}
}

void storage_target::bad_piece(lt::piece_index_t const piece, error const& e)
{
	if (!m_options.on_bad_piece)
	{
		fail(e);
		return;
	}
	{
		mutex_lock const l(m_mutex);
		if (!m_bad.insert(piece).second)
		{
			return;
		}
		auto const i = static_cast<std::size_t>(static_cast<int>(piece));
		if (m_verified[i])
		{
			m_verified[i] = false;
			m_verified_pieces.fetch_sub(1, std::memory_order_relaxed);
			m_verified_bytes.fetch_sub(
				device_bytes(piece, 0, m_info->piece_size(piece)), std::memory_order_relaxed);
		}
	}
	m_options.on_bad_piece(piece, e);
}

int storage_target::bad_pieces() const
{
	mutex_lock const l(m_mutex);
	return static_cast<int>(m_bad.size());
}

void storage_target::block_arrived(lt::piece_index_t const piece, block_index const block)
{
	auto const i = static_cast<std::size_t>(static_cast<int>(piece));
	auto const bytes = std::min(block_size, m_info->piece_size(piece) - block.value * block_size);
	if (m_counts_arrivals.load(std::memory_order_relaxed))
	{
		m_arrived_bytes.fetch_add(bytes, std::memory_order_relaxed);
	}
	mutex_lock const l(m_mutex);
	set_written(piece, block, false);
	if (!m_verified[i])
	{
		return;
	}
	m_verified[i] = false;
	m_verified_pieces.fetch_sub(1, std::memory_order_relaxed);
	m_verified_bytes.fetch_sub(device_bytes(piece, 0, m_info->piece_size(piece)), std::memory_order_relaxed);
}

void storage_target::block_came_again(block_ref const block)
{
	mutex_lock const l(m_mutex);
	set_written(block.piece, block.block, false);
}

void storage_target::set_written(lt::piece_index_t const piece, block_index const block, bool const is)
{
	auto const i = block_number(piece, block);
	if (m_written[i] == is)
	{
		return;
	}
	m_written[i] = is;
	int const offset = block.value * block_size;
	int const length = std::min(block_size, m_info->piece_size(piece) - offset);
	auto const bytes = device_bytes(piece, offset, length);
	m_written_bytes.fetch_add(is ? bytes : -bytes, std::memory_order_relaxed);
}

void storage_target::blocks_written(std::span<block_ref const> const blocks)
{
	mutex_lock const l(m_mutex);
	for (auto const& b : blocks)
	{
		set_written(b.piece, b.block, true);
	}
}

void storage_target::piece_hashed(
	lt::piece_index_t const piece, lt::sha1_hash const& hash, bool const from_device)
{
	if (hash != m_info->hash_for_piece(piece))
	{
		if (m_options.must_match)
		{
			bad_piece(piece,
				rawswarm::fail(fault::verification, "serving {}: piece {} is not what the torrent says",
					m_device->path(), static_cast<int>(piece)));
		}
		return;
	}
	auto const i = static_cast<std::size_t>(static_cast<int>(piece));
	mutex_lock const l(m_mutex);
	if (m_bad.contains(piece))
	{
		return; // a read of it failed, and may again
	}
	if (from_device)
	{
		for (int b = 0; b < blocks_in(m_info->piece_size(piece)); ++b)
		{
			set_written(piece, {b}, true);
		}
	}
	if (m_verified[i])
	{
		return;
	}
	m_verified[i] = true;
	m_verified_pieces.fetch_add(1, std::memory_order_relaxed);
	m_verified_bytes.fetch_add(device_bytes(piece, 0, m_info->piece_size(piece)), std::memory_order_relaxed);
}

std::vector<bool> storage_target::verified_pieces() const
{
	mutex_lock const l(m_mutex);
	return m_verified;
}

bool storage_target::has_below(device_offset const end) const
{
	auto const piece_length = static_cast<std::uint64_t>(m_info->piece_length());
	mutex_lock const l(m_mutex);
	for (auto const& e : m_extents.extents())
	{
		if (e.offset >= end)
		{
			break; // they are in the device's order
		}
		auto const last = e.torrent_offset + std::min(e.length, end - e.offset) - 1;
		for (auto at = e.torrent_offset; at <= last;)
		{
			auto const i = at / piece_length;
			lt::piece_index_t const piece(static_cast<int>(i));
			block_index const block{static_cast<int>(at % piece_length) / block_size};
			if (!m_verified[i] || !m_written[block_number(piece, block)])
			{
				return false;
			}
			auto const in_piece = std::uint64_t(block.value + 1) * block_size;
			at = i * piece_length + std::min(in_piece, piece_length);
		}
	}
	return true;
}

result<void> storage_target::sync()
{
	auto const before = written();
	if (auto r = m_device->sync(); !r)
	{
		fail(r.error());
		return r;
	}
	m_synced_bytes.store(before, std::memory_order_relaxed);
	return success();
}

bool storage_target::complete() const
{
	return !failed() && m_verified_pieces.load(std::memory_order_relaxed) == m_info->num_pieces()
		&& written() == total();
}

} // namespace rawswarm
