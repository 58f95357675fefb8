// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/block_writer.hpp"

#include "storage/backend/target_io.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <utility>

namespace rawswarm
{

namespace
{

// Times that a piece with fewer than min_blocks is left to wait once more: a peer that has sent nothing for
// so long will not complete a run. Initial value, not measured.
constexpr int max_postponed = 8;

} // namespace

block_writer::block_writer(storage_context& context, buffer_pool& buffers, block_cache& cache,
	completions& completions, disk_workers& workers, storage_table& storages, std::function<void()> on_space)
	: m_context(context)
	, m_buffers(buffers)
	, m_cache(cache)
	, m_completions(completions)
	, m_workers(workers)
	, m_storages(storages)
	, m_on_space(std::move(on_space))
	, m_backpressure(context.stats())
{}

bool block_writer::write(
	storage_ptr const& s, lt::peer_request const& r, char const* const buf, write_handler handler)
{
	auto const key = s->key(r.piece);
	block_index const block{r.start / block_size};
	if (m_cache.is_unwritten(key, block))
	{
		// otherwise the end of the older copy's write would count as this one's; libtorrent requests no
		// block that it has, so this is rare
		flush_piece(*s, r.piece);
	}
	s->target->block_arrived(r.piece, block);

	char* const buffer = m_cache.take_buffer();
	if (!buffer)
	{
		write_through(*s, r, buf, std::move(handler));
		return false;
	}
	std::memcpy(buffer, buf, static_cast<std::size_t>(r.length));
	auto const now = std::chrono::steady_clock::now();
	int const dirty = m_cache.insert_dirty(key, block, buffer, r.length, std::move(handler), now);
	if (dirty == 1)
	{
		s->writes.add(s->location_of(r.piece), now);
	}
	if (dirty % s->max_blocks == 0)
	{
		s->writes.set_ready(s->location_of(r.piece), flush_reason::full_run);
		start_writer(s, starts::with_batch);
	}
	return true;
}

bool block_writer::has_to_wait(storage_ptr const& s, std::shared_ptr<lt::disk_observer> const& observer)
{
	int const unwritten = m_cache.unwritten();
	bool const wait = m_backpressure.exceeded(unwritten, write_capacity(), observer);
	if (wait)
	{
		// every storage's: the dirty blocks may be those of another one
		start_writers(starts::with_batch);
	}
	else if (is_urgent())
	{
		start_writer(s, starts::with_batch);
	}
	return wait;
}

// An older copy of the block would hide the new one, so the piece leaves the cache first.
void block_writer::write_through(
	open_storage& s, lt::peer_request const& r, char const* const buf, write_handler handler)
{
	flush_piece(s, r.piece);
	m_cache.drop_clean(s.key(r.piece));

	pending_block block{s.key(r.piece), {r.start / block_size}, buf, r.length, {}, {}, {}};
	write_blocks(*s.target, {&block, 1}, {}, m_context.stats());
	m_context.stats().blocks_written_through.fetch_add(1, std::memory_order_relaxed);
	m_completions.answer(std::move(handler), block.error);
}

void block_writer::piece_complete(storage_ptr const& s, lt::piece_index_t const piece)
{
	s->writes.set_ready(s->location_of(piece), flush_reason::piece_complete);
	start_writer(s, starts::with_batch);
}

std::optional<steady_time> block_writer::write_old(steady_time const now)
{
	std::optional<steady_time> next;
	for (auto const& s : m_storages.all())
	{
		auto const timeout = s->timeout.load();
		for (auto const& old : s->writes.older_than(now - timeout))
		{
			if (m_cache.dirty_in(old.location.key) >= s->min_blocks || old.postponed >= max_postponed)
			{
				s->writes.set_ready(old.location, flush_reason::age);
			}
			else
			{
				s->writes.postpone(old.location, now);
			}
		}
		start_writer(s, starts::at_once);
		if (auto const oldest = s->writes.oldest())
		{
			next = std::min(next.value_or(*oldest + timeout), *oldest + timeout);
		}
	}
	return next;
}

void block_writer::start_writer(storage_ptr const& s, starts const when)
{
	if (!s->writes.start_writer(s->target->profile().writers, is_urgent()))
	{
		return;
	}
	auto job = [this, s] { run_writer(*s); };
	if (when == starts::at_once)
	{
		m_workers.post_io(std::move(job));
	}
	else
	{
		m_workers.add_io(std::move(job));
	}
}

void block_writer::start_writers(starts const when)
{
	for (auto const& s : m_storages.all())
	{
		start_writer(s, when);
	}
}

void block_writer::run_writer(open_storage& s)
{
	do
	{
		while (auto const chain = s.writes.take(is_urgent()))
		{
			write_chain_of(s, *chain);
		}
		// after the last chain peers may have stayed stopped because the capacity was smaller then
		wake_peers();
	} while (s.writes.start_writer(s.target->profile().writers, is_urgent()));
}

void block_writer::on_space()
{
	if (m_backpressure.is_stopping())
	{
		wake_peers();
		start_writers(starts::at_once);
	}
}

void block_writer::flush_piece(open_storage& s, lt::piece_index_t const piece)
{
	if (auto const chain = s.writes.take_piece(s.location_of(piece)))
	{
		write_chain_of(s, *chain);
	}
	s.writes.wait_done();
}

void block_writer::flush_storage(open_storage& s)
{
	while (auto chain = s.writes.take_any())
	{
		chain->reason = flush_reason::stop;
		write_chain_of(s, *chain);
	}
	// chains that other workers took before
	s.writes.wait_done();
}

void block_writer::flush_all()
{
	for (auto const& s : m_storages.all())
	{
		flush_storage(*s);
	}
}

void block_writer::write_chain_of(open_storage& s, write_chain const& chain)
{
	std::vector<pending_block> blocks;
	for (auto const& key : chain.pieces)
	{
		m_cache.begin_write(key, blocks);
	}
	if (!blocks.empty())
	{
		coalesce_settings settings;
		if (s.max_blocks == 1)
		{
			settings.max_ranges = 1;
		}
		auto& stats = m_context.stats();
		stats.flushes.at(static_cast<std::size_t>(chain.reason))
			.fetch_add(static_cast<std::int64_t>(chain.pieces.size()), std::memory_order_relaxed);
		write_blocks(*s.target, blocks, settings, stats);
		auto const now = std::chrono::steady_clock::now();
		for (auto const& b : blocks)
		{
			stats.write_latency.add(now - b.arrived);
		}
		m_cache.end_write(blocks);
		m_completions.post([done = std::move(blocks)] {
			for (auto const& b : done)
			{
				b.handler(b.error);
			}
		});
	}
	s.writes.done(chain);
	wake_peers();
	m_on_space();
}

void block_writer::wake_peers()
{
	auto wake = m_backpressure.relieve(m_cache.unwritten(), write_capacity());
	if (!wake.empty())
	{
		m_completions.post([observers = std::move(wake)] {
			for (auto const& w : observers)
			{
				if (auto const o = w.lock())
				{
					o->on_disk();
				}
			}
		});
	}
}

} // namespace rawswarm
