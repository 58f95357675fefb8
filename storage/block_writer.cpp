#include "storage/block_writer.hpp"

#include "storage/target_io.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

namespace rawswarm
{

namespace
{

// Pieces whose blocks one writer takes together, so that pieces that meet on the device share a write:
// 16 MiB of the pieces that create makes.
constexpr std::size_t max_pieces_per_flush = 16;

} // namespace

block_writer::block_writer(storage_context& context, buffer_pool& buffers, block_cache& cache,
	completion_queue& completions, disk_workers& workers, target_table& targets,
	std::function<void()> on_room)
	: m_context(context)
	, m_buffers(buffers)
	, m_cache(cache)
	, m_completions(completions)
	, m_workers(workers)
	, m_targets(targets)
	, m_on_room(std::move(on_room))
	, m_pressure(buffers.capacity())
{}

bool block_writer::write(std::uint32_t const storage, lt::peer_request const& r, char const* const buf,
	std::shared_ptr<lt::disk_observer> const& observer, write_handler handler)
{
	piece_key const key{storage, r.piece};
	block_index const block{r.start / block_size};
	if (m_cache.is_unwritten(key, block))
	{
		// or the end of the older copy's write would be taken for this one's; libtorrent asks for no
		// block that it has, so it is rare
		flush_piece(key);
	}
	m_targets.at(storage)->block_arrived(r.piece, block);

	if (char* const buffer = m_cache.take_buffer())
	{
		std::memcpy(buffer, buf, static_cast<std::size_t>(r.length));
		auto in = m_cache.insert_dirty(key, block, buffer, r.length, std::move(handler));
		if (in.replaced)
		{
			m_completions.add([h = std::move(in.replaced)] { h(lt::storage_error()); });
		}
		if (in.dirty >= m_targets.at(storage)->profile.max_blocks)
		{
			queue_flush(key);
		}
	}
	else
	{
		write_through(storage, r, buf, std::move(handler));
	}

	int const unwritten = m_cache.unwritten();
	bool const stop = m_pressure.exceeded(unwritten, observer);
	if (stop)
	{
		m_context.stats().peers_stopped.fetch_add(1, std::memory_order_relaxed);
	}
	// a peer that was stopped needs one that starts after it, whatever runs already
	if ((stop || m_pressure.is_urgent(unwritten)) && !m_relief_queued.exchange(true))
	{
		m_workers.add_io([this] { relieve_memory(); });
	}
	return stop;
}

// An older copy of the block would hide the new one, so the piece leaves the cache first.
void block_writer::write_through(
	std::uint32_t const storage, lt::peer_request const& r, char const* const buf, write_handler handler)
{
	piece_key const key{storage, r.piece};
	flush_piece(key);
	m_cache.drop_clean(key);

	std::vector<char> copy(buf, buf + r.length);
	pending_block block{key, {r.start / block_size}, copy.data(), r.length, {}, {}};
	write_blocks(*m_targets.at(storage), {&block, 1}, m_context.stats());
	m_context.stats().blocks_written_through.fetch_add(1, std::memory_order_relaxed);
	m_completions.add([h = std::move(handler), e = block.error] { h(e); });
}

void block_writer::queue_flush(piece_key const key)
{
	std::unique_lock<std::mutex> l(m_mutex);
	bool const first = m_flush_queue.empty();
	m_flush_queue.push_back(key);
	l.unlock();
	if (first)
	{
		m_workers.add_io([this] { flush_queued(); });
	}
}

void block_writer::flush_queued()
{
	for (;;)
	{
		std::vector<piece_key> keys;
		{
			std::unique_lock<std::mutex> const l(m_mutex);
			auto const n = std::min(m_flush_queue.size(), max_pieces_per_flush);
			auto const end = m_flush_queue.begin() + static_cast<std::ptrdiff_t>(n);
			keys.assign(m_flush_queue.begin(), end);
			m_flush_queue.erase(m_flush_queue.begin(), end);
		}
		if (keys.empty())
		{
			return;
		}
		std::sort(keys.begin(), keys.end());
		write_dirty(keys);
	}
}

void block_writer::relieve_memory()
{
	// first: a block that came too late for the list below asks for relief of its own
	m_relief_queued = false;
	for (auto const& key : m_cache.dirty_pieces())
	{
		if (m_pressure.is_low(m_cache.unwritten()))
		{
			break;
		}
		write_dirty({key});
	}
	after_write();
}

void block_writer::flush_piece(piece_key const key)
{
	write_dirty({key});
	m_cache.wait_written(key);
}

void block_writer::flush_storage(std::uint32_t const storage)
{
	auto const keys = m_cache.dirty_pieces(storage);
	for (auto const& key : keys)
	{
		write_dirty({key});
	}
	// what other workers had taken before
	for (auto const& key : keys)
	{
		m_cache.wait_written(key);
	}
}

void block_writer::flush_all()
{
	for (auto const& key : m_cache.dirty_pieces())
	{
		flush_piece(key);
	}
}

// keys: sorted, so that the pieces of one storage lie together.
void block_writer::write_dirty(std::vector<piece_key> const& keys)
{
	std::vector<pending_block> blocks;
	for (auto const& key : keys)
	{
		m_cache.begin_write(key, blocks);
	}
	if (blocks.empty())
	{
		return;
	}
	std::span<pending_block> rest(blocks);
	while (!rest.empty())
	{
		auto const storage = rest.front().key.storage;
		auto const end = std::ranges::find_if(
			rest, [storage](pending_block const& b) { return b.key.storage != storage; });
		auto const part = rest.first(static_cast<std::size_t>(end - rest.begin()));
		rest = rest.subspan(part.size());
		write_blocks(*m_targets.at(storage), part, m_context.stats());
	}
	m_cache.end_write(blocks);

	std::vector<std::function<void()>> handlers;
	handlers.reserve(blocks.size());
	for (auto& b : blocks)
	{
		handlers.emplace_back([h = std::move(b.handler), e = b.error] { h(e); });
	}
	m_completions.add(std::move(handlers));
	after_write();
}

void block_writer::after_write()
{
	m_context.stats().pool_dirty = m_cache.unwritten();
	m_context.stats().pool_clean = m_buffers.in_use() - m_cache.unwritten();
	std::vector<std::function<void()>> wake;
	for (auto const& w : m_pressure.relieve(m_cache.unwritten()))
	{
		wake.emplace_back([w] {
			if (auto const o = w.lock())
			{
				o->on_disk();
			}
		});
	}
	m_completions.add(std::move(wake));
	m_on_room();
}

} // namespace rawswarm
