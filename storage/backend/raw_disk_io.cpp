// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/raw_disk_io.hpp"

#include "base/thread_name.hpp"
#include "storage/backend/frame_flags.hpp"
#include "storage/backend/raw_disk.hpp"
#include "storage/backend/target_io.hpp"

#include <boost/asio/post.hpp>
#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/performance_counters.hpp>
#include <libtorrent/torrent_flags.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace rawswarm
{

raw_disk::raw_disk(lt::io_context& ios, std::shared_ptr<storage_context> context)
	: fileless_disk_io(ios)
	, m_context(std::move(context))
	, m_buffers(m_context->settings().memory, m_context->stats())
	, m_cache(m_buffers, m_context->settings().cache_shards, m_context->stats())
	, m_frames(m_buffers, [this] { return m_cache.take_buffer(); })
	, m_hasher(m_cache, m_context->stats())
	, m_age_timer(ios)
	, m_workers(ios, m_context->settings().io_threads, m_context->settings().hash_threads)
	, m_packer(*m_context, m_buffers, m_frames, m_completions, m_workers)
	, m_unpacker(m_buffers, m_cache, m_frames, m_completions, m_workers, m_context->stats(),
		  [this](frame_unpacker::arrived_block b) { on_unpacked(std::move(b)); })
	, m_reader(*m_context, m_buffers, m_cache, m_completions, m_workers, m_packer)
	, m_writer(*m_context, m_buffers, m_cache, m_completions, m_workers, m_storages, [this] { on_written(); })
{
	boost::asio::post(ios, [] { name_this_thread("network"); });
	m_cache.set_spare([this] { return m_frames.evict(); });
	m_buffers.set_on_return([this] {
		on_written();
		m_writer.on_space();
	});
}

// Blocks became clean, or their last holder freed them.
void raw_disk::on_written()
{
	if (m_buffers.in_use() > m_buffers.capacity()) // the budget became smaller
	{
		m_cache.shrink_to(m_buffers.capacity());
	}
	m_reader.on_space();
	m_unpacker.on_space();
}

raw_disk::~raw_disk() // NOLINT(bugprone-exception-escape): as above
{
	abort(true);
}

void raw_disk::abort(bool const wait)
{
	abort_jobs();
	m_workers.submit(); // jobs that were added after an earlier abort
	if (wait)
	{
		m_workers.join();
	}
}

void raw_disk::abort_jobs()
{
	if (m_aborting.exchange(true))
	{
		return;
	}
	m_age_timer.cancel();
	m_workers.submit();
	m_reader.abort();
	m_unpacker.abort();
	m_writer.flush_all();
}

void raw_disk::submit_jobs()
{
	m_workers.submit();
}

// Blocks beyond a smaller budget are evicted as far as they can be; the others follow as they come back.
void raw_disk::settings_updated()
{
	auto const settings = m_context->settings();
	m_buffers.set_budget(settings.memory);
	m_workers.resize(settings.io_threads, settings.hash_threads);
	for (auto const& s : m_storages.all())
	{
		s->apply(settings.coalesce);
	}
	m_workers.post_io([this] {
		on_written();
		m_writer.on_space();
	});
	write_old_blocks();
}

void raw_disk::write_old_blocks()
{
	if (m_aborting)
	{
		return;
	}
	auto const next = m_writer.write_old(std::chrono::steady_clock::now());
	m_age_timer_runs = next.has_value();
	if (!next)
	{
		return;
	}
	m_age_timer.expires_at(*next);
	m_age_timer.async_wait([this](boost::system::error_code const& ec) {
		if (!ec)
		{
			write_old_blocks();
		}
	});
}

raw_disk::storage_ptr const& raw_disk::storage_at(lt::storage_index_t const storage) const
{
	return m_slots[static_cast<std::size_t>(static_cast<std::uint32_t>(storage))];
}

lt::storage_holder raw_disk::new_torrent(lt::storage_params const& p, std::shared_ptr<void> const&)
{
	auto it = std::ranges::find(m_slots, nullptr);
	if (it == m_slots.end())
	{
		it = m_slots.insert(m_slots.end(), nullptr);
	}
	*it = std::make_shared<open_storage>(++m_last_id, m_context->find_target(p.path), m_context->stats());
	if ((*it)->target)
	{
		(*it)->apply(m_context->settings().coalesce);
		m_storages.add(*it);
	}
	return {lt::storage_index_t(static_cast<std::uint32_t>(it - m_slots.begin())), *this};
}

void raw_disk::remove_torrent(lt::storage_index_t const storage)
{
	auto const s =
		std::exchange(m_slots[static_cast<std::size_t>(static_cast<std::uint32_t>(storage))], nullptr);
	if (m_aborting || !s->target)
	{
		return; // abort() flushes everything, and the caches end with the backend
	}
	m_unpacker.when_unpacked(s->id, [this, s] {
		// jobs that are queued for it were posted first, and so begin first
		m_workers.submit();
		m_workers.post_io([this, s] {
			m_writer.flush_storage(s, [this, s] {
				m_storages.remove(s->id);
				m_cache.drop_clean(s->id);
				m_frames.drop(s->id);
				m_hasher.reset(s->id);
			});
		});
	});
}

void raw_disk::async_read(lt::storage_index_t const storage, lt::peer_request const& r, read_handler handler,
	lt::disk_job_flags_t const flags)
{
	auto const& s = storage_at(storage);
	if (!s->target)
	{
		m_completions.answer(
			std::move(handler), lt::disk_buffer_holder(), no_target(lt::operation_t::file_read));
		return;
	}
	read_job job{s, r, std::move(handler), !(flags & volatile_read)};
	job.as_frame = bool(flags & takes_frame) && job.is_block()
		&& r.length == s->block_length(r.piece, job.first_block());
	m_reader.read(std::move(job));
}

bool raw_disk::async_write(lt::storage_index_t const storage, lt::peer_request const& r,
	char const* const buf, std::shared_ptr<lt::disk_observer> o, write_handler handler,
	lt::disk_job_flags_t const flags)
{
	auto const& s = storage_at(storage);
	if (!s->target)
	{
		m_completions.answer(std::move(handler), no_target(lt::operation_t::file_write));
		return false;
	}
	if (m_aborting)
	{
		// no flush follows that would write it
		m_completions.answer(std::move(handler), aborted(lt::operation_t::file_write));
		return false;
	}
	s->untouched.end();
	if (flags & is_frame)
	{
		m_unpacker.add(s, r, frame_at(buf), std::move(handler));
	}
	else
	{
		m_frames.drop(s->key(r.piece), {r.start / block_size});
		keep_frame_beside(s, r);
		m_writer.write(s, r, buf, std::move(handler));
		on_block(s, r);
	}
	return m_writer.has_to_wait(s, o);
}

// The block of a web seed that has it as a frame.
void raw_disk::keep_frame_beside(storage_ptr const& s, lt::peer_request const& r)
{
	if (m_context->beside().empty())
	{
		return;
	}
	block_index const block{r.start / block_size};
	auto const frame = m_context->beside().take(
		s->target->info().info_hashes().v1, r.piece, static_cast<std::size_t>(block.value));
	auto const kept = frame.empty() ? std::span<char>() : m_frames.keep(s->key(r.piece), block, frame);
	if (!kept.empty())
	{
		m_buffers.unref(kept.data());
	}
}

void raw_disk::on_unpacked(frame_unpacker::arrived_block b)
{
	if (m_aborting)
	{
		m_buffers.unref(b.buffer);
		m_completions.answer(std::move(b.handler), aborted(lt::operation_t::file_write));
		return;
	}
	m_writer.write_buffer(b.storage, b.request, b.buffer, std::move(b.handler));
	on_block(b.storage, b.request);
	m_writer.write_if_urgent(b.storage);
}

// The block is in the cache.
void raw_disk::on_block(storage_ptr const& s, lt::peer_request const& r)
{
	block_index const block{r.start / block_size};
	auto const key = s->key(r.piece);
	m_reader.block_arrived(key, block);
	if (s->target->info().v1() && m_hasher.block_arrived(key, block, s->blocks_in_piece(r.piece)))
	{
		m_workers.add_hash([this, s, key] {
			m_hasher.advance(key, *s->target);
			m_unpacker.on_space(); // blocks that were in use to be hashed may be evicted again
		});
	}
	if (!m_age_timer_runs)
	{
		write_old_blocks();
	}
}

void raw_disk::async_check_files(lt::storage_index_t const storage,
	lt::add_torrent_params const* const resume_data, lt::aux::vector<std::string, lt::file_index_t>,
	std::function<void(lt::status_t, lt::storage_error const&)> handler)
{
	auto const& target = storage_at(storage)->target;
	auto status = lt::status_t::no_error;
	lt::storage_error e;
	if (!target)
	{
		status = lt::status_t::fatal_disk_error;
		e = no_target(lt::operation_t::check_resume);
	}
	else if (target->options().check_existing
		&& !(resume_data != nullptr && (resume_data->flags & lt::torrent_flags::seed_mode)))
	{
		status = lt::status_t::need_full_check;
	}
	m_completions.answer(std::move(handler), status, e);
}

void raw_disk::async_release_files(lt::storage_index_t const storage, std::function<void()> handler)
{
	auto const& s = storage_at(storage);
	m_unpacker.when_unpacked(s->id, [this, s, h = std::move(handler)] {
		m_writer.flush_once_released(s, [this, h] {
			if (h)
			{
				m_completions.answer(h);
			}
		});
		if (!m_age_timer_runs)
		{
			write_old_blocks();
		}
	});
}

void raw_disk::async_stop_torrent(lt::storage_index_t const storage, std::function<void()> handler)
{
	if (auto const& target = storage_at(storage)->target)
	{
		target->release_writes(); // who would release them has let go of the torrent
	}
	async_release_files(storage, std::move(handler));
}

void raw_disk::async_clear_piece(lt::storage_index_t const storage, lt::piece_index_t const index,
	std::function<void(lt::piece_index_t)> handler)
{
	auto const& s = storage_at(storage);
	if (!s->target)
	{
		m_completions.answer(std::move(handler), index);
		return;
	}
	m_unpacker.when_unpacked(s->key(index), [this, s, index, h = std::move(handler)] {
		m_frames.drop(s->key(index));
		m_workers.add_io([this, s, index, h] {
			// dirty blocks are written although they may be wrong: their handlers are due, and the blocks
			// will arrive again
			m_writer.flush_piece(s, index, [this, s, index, h] {
				m_cache.drop_clean(s->key(index));
				m_hasher.reset(s->key(index));
				m_completions.answer(h, index);
			});
		});
	});
}

void raw_disk::update_stats_counters(lt::counters& c) const
{
	auto const& s = m_context->stats();
	c.set_value(lt::counters::num_blocks_written, s.blocks_written);
	c.set_value(lt::counters::num_write_ops, s.write_calls);
	c.set_value(lt::counters::num_blocks_read, s.blocks_read);
	c.set_value(lt::counters::num_read_ops, s.read_calls);
	c.set_value(lt::counters::num_blocks_hashed, s.blocks_hashed);
	c.set_value(lt::counters::num_read_back, s.blocks_read_back);
	c.set_value(lt::counters::disk_blocks_in_use, m_buffers.in_use());
	c.set_value(lt::counters::queued_write_bytes, s.pool_dirty * block_size);
}

lt::disk_io_constructor_type raw_disk_io_constructor(std::shared_ptr<storage_context> context)
{
	return [context = std::move(context)](lt::io_context& ios, lt::settings_interface const&, lt::counters&) {
		return std::make_unique<raw_disk>(ios, context);
	};
}

} // namespace rawswarm
