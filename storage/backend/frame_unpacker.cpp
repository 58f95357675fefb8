// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/frame_unpacker.hpp"

#include "storage/backend/frame_work.hpp"
#include "storage/backend/target_io.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rawswarm
{

namespace
{

// Blocks that are handed to the network thread together: each hand-over wakes it.
constexpr std::size_t batch = 8;

void give_up(std::vector<frame_unpacker::arrived_block> const& blocks)
{
	for (auto const& b : blocks)
	{
		b.handler(aborted(lt::operation_t::file_write));
	}
}

} // namespace

frame_unpacker::frame_unpacker(buffer_pool& buffers, block_cache& cache, frame_store& frames,
	completions& completions, disk_workers& workers, disk_stats& stats,
	std::function<void(arrived_block)> on_block)
	: m_buffers(buffers)
	, m_cache(cache)
	, m_frames(frames)
	, m_completions(completions)
	, m_workers(workers)
	, m_stats(stats)
	, m_on_block(std::move(on_block))
	, m_readers([] { return std::make_unique<frame_reader>(); })
{}

void frame_unpacker::add(
	storage_ptr const& s, lt::peer_request const& r, std::span<char const> const frame, write_handler handler)
{
	auto const key = s->key(r.piece);
	auto const kept = m_frames.keep_at_any_price(
		key, {r.start / block_size}, frame, [this] { return m_cache.take_buffer_at_any_price(); });
	++m_pending[key];
	s->unwritten.fetch_add(1, std::memory_order_relaxed);
	{
		mutex_lock const l(m_mutex);
		m_queue.push_back({s, r, kept, std::move(handler)});
		m_waiting = static_cast<int>(m_queue.size());
	}
	start_worker();
}

// As many as there are frames for.
void frame_unpacker::start_worker()
{
	{
		mutex_lock const l(m_mutex);
		if (m_running >= m_workers.hash_workers() || static_cast<std::size_t>(m_running) >= m_queue.size())
		{
			return;
		}
		++m_running;
	}
	m_workers.post_hash([this] { run(); });
}

void frame_unpacker::run()
{
	std::vector<arrived_block> blocks;
	char* buffer = nullptr;
	while (auto j = next(buffer))
	{
		unpack(*j, buffer);
		m_buffers.unref(j->frame.data());
		blocks.push_back({std::move(j->storage), j->request, buffer, std::move(j->handler)});
		if (blocks.size() == batch)
		{
			done(std::exchange(blocks, {}));
		}
	}
	done(std::move(blocks));
}

// Nothing if no frame waits or memory is short: the worker has ended, and add() or on_space() starts another
// one. Under one lock, so that on_space() either comes before and gives this worker its memory, or sees that
// it has ended.
std::optional<frame_unpacker::job> frame_unpacker::next(char*& buffer)
{
	mutex_lock const l(m_mutex);
	buffer = m_queue.empty() ? nullptr : m_cache.take_buffer();
	if (!buffer)
	{
		--m_running;
		return std::nullopt;
	}
	auto j = std::move(m_queue.front());
	m_queue.pop_front();
	m_waiting = static_cast<int>(m_queue.size());
	return j;
}

void frame_unpacker::unpack(job const& j, char* const buffer)
{
	std::span const block(buffer, static_cast<std::size_t>(j.request.length));
	frame_work const work(m_stats.unpacking_ns);
	m_stats.frames_unpacked.fetch_add(1, std::memory_order_relaxed);
	if (!m_readers.take()->unpack(j.frame, block))
	{
		std::ranges::fill(block, '\0');
		m_frames.drop(j.storage->key(j.request.piece), {j.request.start / block_size});
	}
}

void frame_unpacker::done(std::vector<arrived_block> blocks)
{
	if (blocks.empty())
	{
		return;
	}
	m_completions.post([this, is_alive = m_lifetime.watch(), all = std::move(blocks)]() mutable {
		if (!is_alive()) // the backend has ended, and the pool with it
		{
			give_up(all);
			return;
		}
		for (auto& b : all)
		{
			auto const key = b.storage->key(b.request.piece);
			b.storage->unwritten.fetch_sub(1, std::memory_order_relaxed); // on_block counts it again
			m_on_block(std::move(b));
			end(key);
		}
		m_workers.submit();
	});
}

void frame_unpacker::end(piece_key const key)
{
	auto const it = m_pending.find(key);
	if (it != m_pending.end() && --it->second == 0)
	{
		m_pending.erase(it);
		run_deferred();
	}
}

void frame_unpacker::when_unpacked(piece_key const key, std::function<void()> f)
{
	if (m_pending.empty())
	{
		f();
		return;
	}
	m_deferred.push_back({key.storage, key.piece, std::move(f)});
	run_deferred();
}

void frame_unpacker::when_unpacked(std::uint32_t const storage, std::function<void()> f)
{
	if (m_pending.empty())
	{
		f();
		return;
	}
	m_deferred.push_back({storage, std::nullopt, std::move(f)});
	run_deferred();
}

bool frame_unpacker::is_waiting(deferred const& d) const
{
	if (d.piece)
	{
		return m_pending.contains({d.storage, *d.piece});
	}
	return std::ranges::any_of(m_pending, [&](auto const& p) { return p.first.storage == d.storage; });
}

// What may run is taken out first: it may come back with more.
void frame_unpacker::run_deferred()
{
	auto const ready = std::stable_partition(
		m_deferred.begin(), m_deferred.end(), [this](deferred const& d) { return is_waiting(d); });
	std::vector<deferred> const due(
		std::make_move_iterator(ready), std::make_move_iterator(m_deferred.end()));
	m_deferred.erase(ready, m_deferred.end());
	for (auto const& d : due)
	{
		d.run();
	}
}

void frame_unpacker::on_space()
{
	if (m_waiting.load(std::memory_order_relaxed) > 0)
	{
		start_worker();
	}
}

int frame_unpacker::waiting() const
{
	return m_waiting.load(std::memory_order_relaxed);
}

// Frames that a worker has at hand come to on_block later.
void frame_unpacker::abort()
{
	std::deque<job> given_up;
	{
		mutex_lock const l(m_mutex);
		given_up.swap(m_queue);
		m_waiting = 0;
	}
	std::vector<arrived_block> blocks;
	for (auto& j : given_up)
	{
		m_buffers.unref(j.frame.data());
		j.storage->unwritten.fetch_sub(1, std::memory_order_relaxed);
		blocks.push_back({std::move(j.storage), j.request, nullptr, std::move(j.handler)});
	}
	m_completions.post([all = std::move(blocks)] { give_up(all); });
	m_pending.clear();
	run_deferred();
}

} // namespace rawswarm
