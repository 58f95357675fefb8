// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/block_reader.hpp"

#include "storage/backend/target_io.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <climits>
#include <cstring>
#include <span>
#include <utility>

namespace rawswarm
{

namespace
{

// What is left is room for writes, which come to an end whatever peers do.
constexpr double max_handed_out_share = 0.8;

// Of the pool, unwritten blocks, handed out ones and those that are being read together: beyond that the rest
// is better kept for what somebody asked for.
constexpr double max_use_for_read_ahead = 0.5;

lt::storage_error aborted()
{
	return {lt::error_code(boost::asio::error::operation_aborted), lt::file_index_t{0},
		lt::operation_t::file_read};
}

} // namespace

block_reader::block_reader(storage_context& context, buffer_pool& buffers, block_cache& cache,
	completions& completions, disk_workers& workers)
	: m_context(context)
	, m_buffers(buffers)
	, m_cache(cache)
	, m_completions(completions)
	, m_workers(workers)
{}

bool block_reader::may_hand_out() const
{
	return m_buffers.handed_out() < static_cast<int>(m_buffers.capacity() * max_handed_out_share);
}

bool block_reader::may_read_ahead() const
{
	auto const reading = m_context.stats().pool_reading.load(std::memory_order_relaxed);
	auto const used = m_cache.unwritten() + m_buffers.handed_out() + reading;
	return double(used) < m_buffers.capacity() * max_use_for_read_ahead;
}

char* block_reader::take_buffer()
{
	return may_hand_out() ? m_cache.take_buffer() : nullptr;
}

int block_reader::length_of(open_storage const& s, block_key const& b) const
{
	return std::min(block_size, s.target->info().piece_size(b.piece.piece) - b.block.value * block_size);
}

block_reader::place block_reader::place_of(open_storage const& s, block_key const& b) const
{
	auto const first = s.target->extents().map(b.piece.piece, b.block.value * block_size, 1);
	return {first.front().offset.value_or(device_offset()), b.piece.piece, b.block};
}

void block_reader::read(read_job job)
{
	m_context.stats().blocks_read.fetch_add(1, std::memory_order_relaxed);
	if (read_from_memory(job))
	{
		return;
	}
	lock l(m_mutex);
	if (m_aborted)
	{
		l.unlock();
		m_completions.add([h = std::move(job.handler)] { h(lt::disk_buffer_holder(), aborted()); });
		return;
	}
	if (!job.is_block())
	{
		add_straddling(std::move(job), l);
		return;
	}
	block_key const key{job.key(), job.first_block()};
	auto const [it, is_new] = m_wanted.try_emplace(key);
	if (it->second.overwritten)
	{
		// what is read there may be older than what this one must see
		add_straddling(std::move(job), l);
		return;
	}
	auto const storage = job.storage;
	it->second.jobs.push_back(std::move(job));
	if (!is_new)
	{
		return;
	}
	++m_num_wanted;
	++m_num_waiting;
	auto& w = m_waiting[storage->id];
	w.storage = storage;
	w.blocks.emplace(place_of(*storage, key), key);
	for (int i = readers_to_start(w, l); i > 0; --i)
	{
		m_workers.add_io([this, id = storage->id] { run_reader(id); });
	}
}

void block_reader::add_straddling(read_job job, lock&)
{
	m_straddling.push_back(std::move(job));
	++m_num_waiting;
	m_workers.add_io([this] { run_straddling(); });
}

bool block_reader::read_from_memory(read_job& job)
{
	if (!job.is_block() || !may_hand_out())
	{
		return false;
	}
	char* const block = m_cache.find(job.key(), job.first_block());
	if (!block)
	{
		return false;
	}
	m_context.stats().blocks_read_from_cache.fetch_add(1, std::memory_order_relaxed);
	std::vector<answer> answers;
	answers.push_back({std::move(job), block, {}});
	answer_all(std::move(answers));
	return true;
}

void block_reader::block_arrived(piece_key const key, block_index const block)
{
	if (m_num_wanted.load(std::memory_order_relaxed) == 0)
	{
		return;
	}
	lock const l(m_mutex);
	if (auto const it = m_wanted.find({key, block}); it != m_wanted.end())
	{
		it->second.overwritten = true;
	}
}

int block_reader::readers_to_start(waiting_reads& w, lock&)
{
	int const wanted = std::min(w.storage->target->profile().readers, static_cast<int>(w.blocks.size()));
	int const more = std::max(0, wanted - w.readers);
	w.readers += more;
	return more;
}

void block_reader::on_room()
{
	if (m_num_waiting.load() == 0 || !may_hand_out())
	{
		return;
	}
	lock l(m_mutex);
	for (auto& [id, w] : m_waiting)
	{
		for (int i = readers_to_start(w, l); i > 0; --i)
		{
			m_workers.post_io([this, storage = id] { run_reader(storage); });
		}
	}
	if (!m_straddling.empty())
	{
		m_workers.post_io([this] { run_straddling(); });
	}
}

void block_reader::run_reader(std::uint32_t const storage)
{
	for (;;)
	{
		read_run run;
		{
			lock l(m_mutex);
			auto const it = m_waiting.find(storage);
			if (!take_run(it->second, run, l))
			{
				--it->second.readers;
				if (it->second.readers == 0 && it->second.blocks.empty())
				{
					m_waiting.erase(it);
				}
				return;
			}
		}
		end_run(run, run.in_memory ? std::vector<lt::storage_error>(1) : read_from_device(run));
	}
}

// False if nothing waits, or there is no room.
bool block_reader::take_run(waiting_reads& w, read_run& run, lock& l)
{
	if (w.blocks.empty() || !may_hand_out())
	{
		return false;
	}
	auto it = w.blocks.lower_bound(w.head);
	it = it == w.blocks.end() ? w.blocks.begin() : it;
	run.storage = w.storage;
	run.first = it->second;
	char* buffer = m_cache.find(run.first.piece, run.first.block);
	run.in_memory = buffer != nullptr;
	if (!buffer)
	{
		buffer = m_cache.take_buffer();
	}
	if (!buffer)
	{
		return false;
	}
	w.blocks.erase(it);
	--m_num_waiting;
	run.buffers.push_back({buffer, static_cast<std::size_t>(length_of(*w.storage, run.first))});
	if (!run.in_memory)
	{
		add_blocks_behind(w, run, l);
	}
	w.head = place_of(*w.storage, run.block(run.buffers.size() - 1));
	m_context.stats().pool_reading.fetch_add(static_cast<int>(run.buffers.size()), std::memory_order_relaxed);
	return true;
}

// What else waits there, and what is likely to be asked for next.
void block_reader::add_blocks_behind(waiting_reads& w, read_run& run, lock&)
{
	auto const& s = *w.storage;
	auto const& jobs = m_wanted.at(run.first).jobs;
	bool const ahead = std::ranges::any_of(jobs, &read_job::keep);
	auto const blocks = static_cast<std::size_t>(s.blocks_in_piece(run.first.piece.piece) - run.first.block.value);
	auto const most = std::min<std::size_t>(
		{blocks, IOV_MAX, 1 + static_cast<std::size_t>(s.target->profile().read_ahead_blocks)});
	while (run.buffers.size() < most)
	{
		auto const next = run.block(run.buffers.size());
		auto const wanted = w.blocks.find(place_of(s, next));
		char* buffer = nullptr;
		if (wanted != w.blocks.end())
		{
			buffer = m_cache.contains(next.piece, next.block) ? nullptr : take_buffer();
		}
		else if (ahead && may_read_ahead() && !m_wanted.contains(next)
			&& !m_cache.contains(next.piece, next.block))
		{
			buffer = m_cache.take_buffer();
		}
		if (!buffer)
		{
			return;
		}
		if (wanted != w.blocks.end())
		{
			w.blocks.erase(wanted);
			--m_num_waiting;
		}
		else
		{
			m_wanted.emplace(next, wanted_block());
			++m_num_wanted;
			m_context.stats().blocks_read_ahead.fetch_add(1, std::memory_order_relaxed);
		}
		run.buffers.push_back({buffer, static_cast<std::size_t>(length_of(s, next))});
	}
}

// By block.
std::vector<lt::storage_error> block_reader::read_from_device(read_run const& run)
{
	std::vector<lt::storage_error> errors(run.buffers.size());
	auto& target = *run.storage->target;
	auto const read = [&](std::size_t const first, std::size_t const count) {
		m_context.stats().read_calls.fetch_add(1, std::memory_order_relaxed);
		auto const block = run.block(first);
		return read_range(target, block.piece.piece, block.block.value * block_size,
			std::span(run.buffers).subspan(first, count));
	};
	auto const all = read(0, run.buffers.size());
	if (all)
	{
		return errors;
	}
	// an error ends the target, so it must lie in what somebody asked for
	for (std::size_t i = 0; i < errors.size(); ++i)
	{
		auto const r = errors.size() == 1 ? all : read(i, 1);
		if (!r)
		{
			errors[i] = to_storage_error(r.error(), lt::operation_t::file_read);
			lock const l(m_mutex);
			if (!m_wanted.at(run.block(i)).jobs.empty())
			{
				target.fail(r.error());
			}
		}
	}
	return errors;
}

void block_reader::end_run(read_run const& run, std::vector<lt::storage_error> const& errors)
{
	std::vector<answer> answers;
	std::vector<char*> unused;
	{
		lock const l(m_mutex);
		for (std::size_t i = 0; i < run.buffers.size(); ++i)
		{
			auto const key = run.block(i);
			auto const it = m_wanted.find(key);
			auto wanted = std::move(it->second);
			m_wanted.erase(it);
			--m_num_wanted;

			auto* const buffer = static_cast<char*>(run.buffers[i].iov_base);
			bool const keep = wanted.jobs.empty() || std::ranges::any_of(wanted.jobs, &read_job::keep);
			if (keep && !errors[i] && !wanted.overwritten && !run.in_memory)
			{
				m_cache.insert_clean(key.piece, key.block, buffer, static_cast<int>(run.buffers[i].iov_len));
			}
			for (auto& job : wanted.jobs)
			{
				if (!errors[i])
				{
					m_buffers.ref(buffer);
				}
				answers.push_back({std::move(job), errors[i] ? nullptr : buffer, errors[i]});
			}
			unused.push_back(buffer);
		}
	}
	m_buffers.unref(unused);
	m_context.stats().pool_reading.fetch_sub(static_cast<int>(run.buffers.size()), std::memory_order_relaxed);
	answer_all(std::move(answers));
	on_room();
}

void block_reader::answer_all(std::vector<answer> answers)
{
	struct reply
	{
		read_handler handler;
		lt::disk_buffer_holder buffer;
		lt::storage_error error;
	};
	if (answers.empty())
	{
		return;
	}
	std::vector<reply> replies;
	replies.reserve(answers.size());
	for (auto& a : answers)
	{
		replies.push_back({std::move(a.job.handler),
			a.buffer ? m_buffers.hand_out(a.buffer, a.job.request.length) : lt::disk_buffer_holder(),
			a.error});
	}
	m_completions.add([r = std::move(replies)]() mutable {
		for (auto& reply : r)
		{
			reply.handler(std::move(reply.buffer), reply.error);
		}
	});
}

void block_reader::run_straddling()
{
	for (;;)
	{
		lock l(m_mutex);
		if (m_straddling.empty())
		{
			return;
		}
		char* const buffer = take_buffer();
		if (!buffer)
		{
			return; // on_room() comes back
		}
		auto job = std::move(m_straddling.front());
		m_straddling.pop_front();
		--m_num_waiting;
		l.unlock();

		std::vector<answer> answers;
		if (auto const filled = fill(job, buffer); filled)
		{
			answers.push_back({std::move(job), buffer, {}});
		}
		else
		{
			m_buffers.unref(buffer);
			job.storage->target->fail(filled.error());
			answers.push_back(
				{std::move(job), nullptr, to_storage_error(filled.error(), lt::operation_t::file_read)});
		}
		answer_all(std::move(answers));
		on_room();
	}
}

// Each block that the request touches may be in memory and nowhere else yet.
result<void> block_reader::fill(read_job const& job, char* const buffer)
{
	auto const& r = job.request;
	for (int done = 0; done < r.length;)
	{
		int const offset = r.start + done;
		int const inside = offset % block_size;
		int const length = std::min(r.length - done, block_size - inside);
		std::span<char> const to(buffer + done, static_cast<std::size_t>(length));
		if (char* const block = m_cache.find(job.key(), {offset / block_size}))
		{
			std::memcpy(to.data(), block + inside, to.size());
			m_cache.unref(block);
		}
		else
		{
			m_context.stats().read_calls.fetch_add(1, std::memory_order_relaxed);
			BOOST_OUTCOME_TRYV(read_range(*job.storage->target, r.piece, offset, to));
		}
		done += length;
	}
	return boost::outcome_v2::success();
}

void block_reader::abort()
{
	std::vector<answer> answers;
	{
		lock const l(m_mutex);
		m_aborted = true;
		for (auto& [id, w] : m_waiting)
		{
			for (auto const& [at, key] : std::exchange(w.blocks, {}))
			{
				auto const it = m_wanted.find(key);
				for (auto& job : it->second.jobs)
				{
					answers.push_back({std::move(job), nullptr, aborted()});
				}
				m_wanted.erase(it);
				--m_num_wanted;
			}
		}
		for (auto& job : std::exchange(m_straddling, {}))
		{
			answers.push_back({std::move(job), nullptr, aborted()});
		}
		m_num_waiting = 0;
	}
	answer_all(std::move(answers));
}

} // namespace rawswarm
