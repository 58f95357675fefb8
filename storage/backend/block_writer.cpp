// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/block_writer.hpp"

#include "storage/backend/piece_hasher.hpp"
#include "storage/backend/target_io.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <utility>

namespace rawswarm
{

namespace
{

// Times that a piece with fewer than min_blocks is left to wait once more: a peer that has sent nothing for
// so long will not complete a run. Initial value, not measured.
constexpr int max_postponed = 8;

// How often a target that holds its writes is looked at, so that they begin soon after their release.
constexpr std::chrono::milliseconds hold_interval{20};

// Of a torrent without a target nothing is held.
bool holds(open_storage const& s)
{
	return s.target && s.target->holds_writes() && !s.target->has_ended();
}

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
{}

void block_writer::write(
	storage_ptr const& s, lt::peer_request const& r, char const* const buf, write_handler handler)
{
	char* const buffer = m_cache.take_buffer_at_any_price();
	std::memcpy(buffer, buf, static_cast<std::size_t>(r.length));
	write_buffer(s, r, buffer, std::move(handler));
}

void block_writer::write_buffer(
	storage_ptr const& s, lt::peer_request const& r, char* const buffer, write_handler handler)
{
	auto const key = s->key(r.piece);
	block_index const block{r.start / block_size};
	s->target->block_arrived(r.piece, block);
	auto const now = std::chrono::steady_clock::now();
	s->unwritten.fetch_add(1, std::memory_order_relaxed);
	auto const [dirty, is_more] = m_cache.insert_dirty(key, block, buffer, r.length, std::move(handler), now);
	if (!is_more)
	{
		s->unwritten.fetch_sub(1, std::memory_order_relaxed);
	}
	if (dirty == 1)
	{
		s->writes.add(s->location_of(r.piece), now);
	}
	if (dirty > 0 && dirty % s->max_blocks == 0)
	{
		s->writes.set_ready(s->location_of(r.piece), flush_reason::full_run);
		start_writer(s, starts::with_batch);
	}
}

// Memory is shared by all targets, so what the others hold leaves less to this one. What hash threads may
// read back into is left to them, as it is too late to stop peers once they do; of a small pool a quarter.
backpressure_marks block_writer::marks_of(open_storage const& s) const
{
	int const capacity = m_buffers.capacity();
	int const read_back = std::min(m_workers.hash_workers() * piece_hasher::read_back_blocks, capacity / 4);
	auto const all =
		backpressure_marks::of(capacity - read_back - m_buffers.handed_out(), m_context.in_flight_blocks());
	return m_storages.size() > 1 ? all.beside(m_cache.unwritten() - s.unwritten) : all;
}

bool block_writer::has_to_wait(storage_ptr const& s, std::shared_ptr<lt::disk_observer> const& observer)
{
	auto const marks = marks_of(*s);
	bool const wait = s->pressure.exceeded(s->unwritten, marks, observer);
	if (wait)
	{
		m_peers_wait = true;
		if (s->unwritten <= marks.low) // the last write ended meanwhile, and nobody else would wake the peer
		{
			wake_peers();
		}
	}
	if (wait || is_urgent(*s))
	{
		start_writer(s, starts::with_batch);
	}
	return wait;
}

void block_writer::write_if_urgent(storage_ptr const& s)
{
	if (is_urgent(*s))
	{
		start_writer(s, starts::with_batch);
	}
}

void block_writer::piece_complete(storage_ptr const& s, lt::piece_index_t const piece)
{
	s->writes.set_ready(s->location_of(piece), flush_reason::piece_complete);
	if (s->target->holds_writes() && !s->target->holds_piece(piece))
	{
		m_workers.add_io([this, s, piece] { flush_piece(s, piece, [] {}); });
		return;
	}
	start_writer(s, starts::with_batch);
}

std::optional<steady_time> block_writer::write_old(steady_time const now)
{
	for (auto& flush : take_released())
	{
		m_workers.post_io([this, f = std::move(flush)] { flush_storage(f.storage, f.then); });
	}
	std::optional<steady_time> next;
	if (has_held_flushes())
	{
		next = now + hold_interval;
	}
	for (auto const& s : m_storages.all())
	{
		if (s->target->holds_writes() && !is_urgent(*s))
		{
			next = std::min(next.value_or(now + hold_interval), now + hold_interval);
			continue;
		}
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

// While a target holds its writes, only what must not wait is written.
write_queue::takes block_writer::takes_of(open_storage const& s) const
{
	if (is_urgent(s))
	{
		return write_queue::takes::all;
	}
	return s.target->holds_writes() ? write_queue::takes::flushed : write_queue::takes::ready;
}

void block_writer::start_writer(storage_ptr const& s, starts const when)
{
	if (s->writes.start_writer(s->target->writers(), takes_of(*s)))
	{
		m_workers.start_io([this, s] { run_writer(*s); }, when);
	}
}

// For a flush, which may have made many pieces ready. A torrent without a target has none.
void block_writer::start_writers(storage_ptr const& s)
{
	for (int i = s->target ? s->target->writers() : 0; i > 0; --i)
	{
		start_writer(s, starts::at_once);
	}
}

void block_writer::run_writer(open_storage& s)
{
	do
	{
		while (auto const chain = s.writes.take(takes_of(s)))
		{
			write_chain_of(s, *chain);
		}
		// after the last chain peers may have stayed stopped because the capacity was smaller then
		wake_peers();
	} while (s.writes.start_writer(s.target->writers(), takes_of(s)));
}

void block_writer::on_space()
{
	if (!m_peers_wait)
	{
		return; // every block that a peer gives back comes here
	}
	wake_peers();
	for (auto const& s : m_storages.all())
	{
		if (s->pressure.is_stopping())
		{
			start_writer(s, starts::at_once);
		}
	}
}

void block_writer::flush_piece(
	storage_ptr const& s, lt::piece_index_t const piece, std::function<void()> then)
{
	s->writes.flush(s->location_of(piece), [this, s, piece, then = std::move(then)] {
		s->writes.flush(s->location_of(piece), then); // blocks that came again while they were written
		start_writers(s);
	});
	start_writers(s);
}

void block_writer::flush_storage(storage_ptr const& s, std::function<void()> then)
{
	s->writes.flush([this, s, then = std::move(then)] {
		s->writes.flush(then); // blocks that came again while they were written
		start_writers(s);
	});
	start_writers(s);
}

void block_writer::flush_once_released(storage_ptr const& s, std::function<void()> then)
{
	{
		mutex_lock const l(m_mutex);
		if (holds(*s) && !m_is_ending)
		{
			m_held_flushes.push_back({s, std::move(then)});
			return;
		}
	}
	m_workers.add_io([this, s, then = std::move(then)] { flush_storage(s, then); });
}

std::vector<block_writer::held_flush> block_writer::take_released()
{
	mutex_lock const l(m_mutex);
	auto const released = std::stable_partition(m_held_flushes.begin(), m_held_flushes.end(),
		[this](held_flush const& f) REQUIRES(m_mutex) { return holds(*f.storage) && !m_is_ending; });
	std::vector<held_flush> ret;
	std::move(released, m_held_flushes.end(), std::back_inserter(ret));
	m_held_flushes.erase(released, m_held_flushes.end());
	return ret;
}

bool block_writer::has_held_flushes() const
{
	mutex_lock const l(m_mutex);
	return !m_held_flushes.empty();
}

void block_writer::flush_all()
{
	{
		mutex_lock const l(m_mutex);
		m_is_ending = true;
	}
	for (auto& flush : take_released())
	{
		m_workers.post_io([this, f = std::move(flush)] { flush_storage(f.storage, f.then); });
	}
	for (auto const& s : m_storages.all())
	{
		m_workers.post_io([this, s] { flush_storage(s, [] {}); });
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
		auto const came_again = m_cache.end_write(blocks);
		s.unwritten -= static_cast<int>(blocks.size());
		write_came_again(s, came_again);
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

// Their newer copies are dirty, and the older ones do not count as written.
void block_writer::write_came_again(open_storage& s, std::vector<block_ref> const& blocks)
{
	for (auto const& b : blocks)
	{
		s.target->block_came_again(b);
		s.writes.add(s.location_of(b.piece), std::chrono::steady_clock::now());
		s.writes.set_ready(s.location_of(b.piece), flush_reason::stop);
	}
}

void block_writer::wake_peers()
{
	if (!m_peers_wait.exchange(false))
	{
		return;
	}
	std::vector<std::weak_ptr<lt::disk_observer>> wake;
	for (auto const& s : m_storages.all())
	{
		auto const more = s->pressure.relieve(s->unwritten, marks_of(*s));
		wake.insert(wake.end(), more.begin(), more.end());
		if (s->pressure.is_stopping())
		{
			m_peers_wait = true;
		}
	}
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
