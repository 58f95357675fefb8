// SPDX-License-Identifier: BSD-3-Clause
// A piece that is brought into memory whole, because it is to be hashed before it is first sent, or ahead of
// that.
//
// Its blocks are read as those that peers wait for are: in the order of the device, once for all who want
// them (read_queue.hpp). They go into the cache, for who hashes the piece and for peers after that. Nothing
// pins them: several devices with half of a piece each could otherwise have all of the pool and wait for
// more. Who hashes the piece reads what has given way once more. Guarded by block_reader, as is everything
// here.
#pragma once

#include "storage/device/units.hpp"

#include <libtorrent/units.hpp>

#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace rawswarm
{

struct piece_load
{
	lt::piece_index_t piece{0};
	int blocks = 0;
	std::function<void()>
		on_loaded; // by a worker, once; also if a block could not be read. Empty: read ahead
	int missing = 0; // blocks whose reads have not ended

	bool is_ahead() const { return !on_loaded; }
};

// The pieces of one device that are to be hashed, and are not read yet: in sweeps, like blocks.
class waiting_loads
{
public:
	using position = std::pair<device_offset, lt::piece_index_t>;

	void add(device_offset const at, std::shared_ptr<piece_load> load)
	{
		position const key{at, load->piece};
		m_loads.emplace(key, std::move(load));
	}

	bool is_empty() const { return m_loads.empty(); }

	// The next one of the sweep, which stays. One must wait.
	piece_load const& next() const { return *next_entry()->second; }

	std::shared_ptr<piece_load> take_next()
	{
		auto entry = m_loads.extract(next_entry());
		m_head = entry.key();
		return std::move(entry.mapped());
	}

private:
	using loads = std::multimap<position, std::shared_ptr<piece_load>>;

	loads::const_iterator next_entry() const
	{
		auto const it = m_loads.lower_bound(m_head);
		return it == m_loads.end() ? m_loads.begin() : it;
	}

	loads m_loads;
	position m_head{};
};

} // namespace rawswarm
