// SPDX-License-Identifier: BSD-3-Clause
// The pieces that block_reader brings into memory whole.
#include "storage/backend/block_reader.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// Blocks of pieces that are read ahead at a time, so that a piece that is asked for waits for no more. A
// device that has two pieces of 1 MiB to read is not idle while the next one is chosen.
constexpr int loading_ahead = 128;

// Pieces that may be read ahead of the last one that was asked for.
int window_of(open_storage const& s, lt::piece_index_t const piece, int const most_blocks)
{
	return std::min(s.target->profile().piece_ahead_blocks, most_blocks) / s.blocks_in_piece(piece);
}

std::shared_ptr<piece_load> make_load(
	lt::piece_index_t const piece, int const blocks, std::function<void()> on_loaded)
{
	auto load = std::make_shared<piece_load>();
	load->piece = piece;
	load->blocks = blocks;
	load->on_loaded = std::move(on_loaded);
	return load;
}

bool is_in_memory(block_cache& cache, open_storage const& s, lt::piece_index_t const piece)
{
	int const blocks = s.blocks_in_piece(piece);
	int b = 0;
	while (b < blocks && cache.contains(s.key(piece), {b}))
	{
		++b;
	}
	return b == blocks;
}

} // namespace

bool block_reader::load(std::shared_ptr<open_storage> const& storage, lt::piece_index_t const piece,
	std::function<void()> on_loaded)
{
	auto const blocks = storage->blocks_in_piece(piece);
	auto const& target = *storage->target;
	if (target.profile().piece_ahead_blocks == 0 || !storage->untouched.holds() || blocks > most_loading()
		|| storage->target->device().has_frames())
	{
		return false;
	}
	mutex_lock l(m_mutex);
	if (m_aborted)
	{
		return false;
	}
	auto& s = m_storages.try_emplace(storage->id, storage, m_counts).first->second;
	storage->streak.asked_for(static_cast<int>(piece), window_of(*storage, piece, most_loading() / 2));
	auto load = make_load(piece, blocks, std::move(on_loaded));
	if (is_in_memory(m_cache, *storage, piece)) // most often its first block shows that it is not
	{
		s.loading += blocks;
		l.unlock();
		finish_loads(storage->id, {std::move(load)}, starts::with_batch);
		return true;
	}
	s.loads.add(storage->location_of(piece).begin, std::move(load));
	start_readers(storage->id, s, starts::with_batch);
	return true;
}

void block_reader::begin_loads(storage_reads& s, finished_loads& finished)
{
	while (auto load = m_aborted ? nullptr : next_load(s))
	{
		begin_load(s, std::move(load), finished);
	}
}

// nullptr: those that were begun come first.
std::shared_ptr<piece_load> block_reader::next_load(storage_reads& s) const
{
	if (s.loads.is_empty())
	{
		return load_ahead(s);
	}
	bool const fits = s.loading == 0 || s.loading + s.loads.next().blocks <= most_loading();
	return fits ? s.loads.take_next() : nullptr;
}

std::shared_ptr<piece_load> block_reader::load_ahead(storage_reads& s) const
{
	auto const& storage = s.queue.shared_storage();
	int const pieces = storage->target->info().num_pieces();
	while (s.loading < loading_ahead && m_budget.may_read_ahead())
	{
		int const window = window_of(*storage, lt::piece_index_t{0}, most_loading() / 2);
		auto const next = storage->streak.take_ahead(window, pieces);
		if (!next)
		{
			break;
		}
		lt::piece_index_t const piece{*next};
		if (!m_cache.contains(storage->key(piece), {0}))
		{
			return make_load(piece, storage->blocks_in_piece(piece), {});
		}
	}
	return nullptr;
}

// Its blocks wait from here on, but for those that are in memory.
void block_reader::begin_load(storage_reads& s, std::shared_ptr<piece_load> load, finished_loads& finished)
{
	auto const& storage = s.queue.shared_storage();
	s.loading += load->blocks;
	for (int b = 0; b < load->blocks; ++b)
	{
		block_index const block{b};
		if (m_cache.contains(storage->key(load->piece), block))
		{
			continue;
		}
		read_job job{storage, {load->piece, b * block_size, storage->block_length(load->piece, block)}, {}};
		job.load = load;
		load->missing += s.queue.add(job) ? 1 : 0; // overwritten: who hashes the piece reads it
	}
	if (load->missing == 0)
	{
		finished.push_back(std::move(load));
	}
}

// Those that were not begun.
void block_reader::abort_loads(storage_reads& s, finished_loads& finished)
{
	while (!s.loads.is_empty())
	{
		auto load = s.loads.take_next();
		s.loading += load->blocks; // which end_load() takes away
		finished.push_back(std::move(load));
	}
}

void block_reader::finish_loads(
	std::uint32_t const storage, finished_loads const& finished, starts const when)
{
	for (auto const& load : finished)
	{
		auto end = [this, storage, load] {
			if (load->on_loaded)
			{
				load->on_loaded();
			}
			end_load(storage, *load);
		};
		m_workers.start_hash(std::move(end), when);
	}
}

void block_reader::end_load(std::uint32_t const storage, piece_load const& load)
{
	finished_loads finished;
	{
		mutex_lock const l(m_mutex);
		auto const it = m_storages.find(storage);
		auto& s = it->second;
		s.loading -= load.blocks;
		begin_loads(s, finished);
		start_readers(storage, s, starts::at_once);
		if (s.is_idle())
		{
			m_storages.erase(it);
		}
	}
	finish_loads(storage, finished, starts::at_once);
}

} // namespace rawswarm
