// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/block_reader.hpp"

#include "storage/backend/target_io.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace rawswarm
{

block_reader::block_reader(storage_context& context, buffer_pool& buffers, block_cache& cache,
	completions& completions, disk_workers& workers, frame_packer& packer)
	: m_context(context)
	, m_buffers(buffers)
	, m_cache(cache)
	, m_completions(completions)
	, m_workers(workers)
	, m_packer(packer)
	, m_budget(buffers, cache, context.stats())
	, m_straddling(context, buffers, cache, m_budget, completions, workers, [this] { on_space(); })
{}

void block_reader::read(read_job job)
{
	m_context.stats().blocks_read.fetch_add(1, std::memory_order_relaxed);
	if (read_from_memory(job))
	{
		return; // without this class's mutex
	}
	if (!job.is_block())
	{
		m_straddling.add(std::move(job));
		return;
	}
	if (job.as_frame && job.storage->target->device().has_frames())
	{
		int const readers = std::min(job.storage->target->readers(), m_workers.io_workers());
		if (m_stored.add(std::move(job), readers))
		{
			m_workers.add_io([this] { read_stored_frames(); });
		}
		return;
	}
	read_block(std::move(job), starts::with_batch);
}

// What cannot be passed on as it is stored is read as a block, and sent as one: it did not shrink when it was
// stored.
void block_reader::read_stored_frames()
{
	std::vector<read_answer> answers;
	while (auto job = m_stored.next())
	{
		char* const buffer = m_budget.take_buffer();
		int const length = buffer ? m_packer.read_stored(*job, buffer) : 0;
		if (length > 0)
		{
			answers.push_back({std::move(*job), buffer, {}, length});
		}
		else
		{
			if (buffer)
			{
				m_buffers.unref(buffer);
			}
			job->as_frame = false;
			if (!read_from_memory(*job))
			{
				read_block(std::move(*job), starts::at_once);
			}
		}
		if (answers.size() == answers_at_once)
		{
			post_answers(m_completions, m_buffers, std::exchange(answers, {}));
		}
	}
	post_answers(m_completions, m_buffers, std::move(answers));
}

void block_reader::read_block(read_job job, starts const when)
{
	mutex_lock l(m_mutex);
	if (m_aborted)
	{
		l.unlock();
		std::vector<read_answer> answers;
		answers.push_back(aborted_read(std::move(job)));
		post_answers(m_completions, m_buffers, std::move(answers));
		return;
	}
	auto const id = job.storage->id;
	auto& s = m_storages.try_emplace(id, job.storage, m_counts).first->second;
	if (!s.queue.add(job))
	{
		// the read under way may return older bytes than this one must see
		l.unlock();
		m_straddling.add(std::move(job));
		return;
	}
	start_readers(id, s, when);
}

void block_reader::start_readers(std::uint32_t const storage, storage_reads& s, starts const when)
{
	for (int i = readers_to_start(s); i > 0; --i)
	{
		m_workers.start_io([this, storage] { run_reader(storage); }, when);
	}
}

bool block_reader::read_from_memory(read_job& job)
{
	if (!job.is_block() || !m_budget.may_hand_out())
	{
		return false;
	}
	if (job.as_frame && m_packer.answer_from_memory(job))
	{
		return true;
	}
	if (job.as_frame && job.storage->target->device().has_frames())
	{
		return false; // reading the frame takes less than packing the block
	}
	char* const block = m_cache.find(job.key(), job.first_block());
	if (!block)
	{
		return false;
	}
	m_context.stats().blocks_read_from_cache.fetch_add(1, std::memory_order_relaxed);
	if (job.first_block().value + 1 == job.storage->blocks_in_piece(job.request.piece))
	{
		m_cache.piece_sent(job.key()); // peers ask for a piece from its first block to its last
	}
	std::vector<read_answer> answers;
	answers.push_back({std::move(job), block, {}});
	m_packer.post(std::move(answers));
	return true;
}

void block_reader::block_arrived(piece_key const key, block_index const block)
{
	if (m_counts.wanted.load(std::memory_order_relaxed) == 0)
	{
		return; // without the mutex, as every block that arrives asks
	}
	mutex_lock const l(m_mutex);
	if (auto const it = m_storages.find(key.storage); it != m_storages.end())
	{
		it->second.queue.block_arrived({key.piece, block});
	}
}

// The number of readers that must start so that every block that waits has one, within the profile's limit.
// Counts them as at work, or a second caller would start them again.
int block_reader::readers_to_start(storage_reads& s)
{
	int const waiting = s.queue.waiting() + (s.loads.is_empty() ? 0 : 1); // whose blocks a reader looks up
	int const wanted = std::min(s.queue.storage().target->readers(), waiting);
	int const more = std::max(0, wanted - s.readers);
	s.readers += more;
	return more;
}

void block_reader::on_space()
{
	if (!m_budget.may_hand_out())
	{
		return;
	}
	m_straddling.on_space();
	if (m_counts.waiting.load() == 0)
	{
		return;
	}
	mutex_lock const l(m_mutex);
	for (auto& [id, s] : m_storages)
	{
		start_readers(id, s, starts::at_once);
	}
}

void block_reader::run_reader(std::uint32_t const storage)
{
	for (;;)
	{
		finished_loads finished;
		auto const run = next_run(storage, finished);
		finish_loads(storage, finished, starts::at_once);
		if (!run)
		{
			return;
		}
		// a block that arrived while it waited needs no read, but its jobs end in the same way
		end_run(*run, run->in_memory ? std::vector<lt::storage_error>(1) : read_from_device(*run));
	}
}

// Nothing if no block waits or memory is short: the reader has ended, and on_space() starts another one. Both
// under one lock, so that on_space() either comes before and gives this reader its memory, or sees that it
// has ended. Pieces that wait are begun here rather than in the network thread, as each of their blocks is
// looked up. finished: those that are in memory.
std::optional<read_run> block_reader::next_run(std::uint32_t const storage, finished_loads& finished)
{
	mutex_lock const l(m_mutex);
	auto const it = m_storages.find(storage);
	auto& s = it->second;
	if (!s.loads.is_empty())
	{
		begin_loads(s, finished);
		start_readers(storage, s, starts::at_once); // for the blocks that wait from here on
	}
	auto run = take_run(s.queue, m_budget, m_cache, m_context.stats());
	if (!run && --s.readers == 0 && s.is_idle())
	{
		m_storages.erase(it);
	}
	return run;
}

// Whether a peer waits for the block of the run, as opposed to one that is read ahead.
bool block_reader::is_asked_for(read_run const& run, std::size_t const block)
{
	mutex_lock const l(m_mutex);
	return m_storages.at(run.storage->id).queue.find(run.block(block))->has_peer();
}

// The errors by block.
std::vector<lt::storage_error> block_reader::read_from_device(read_run const& run)
{
	std::vector<lt::storage_error> errors(run.buffers.size());
	auto& target = *run.storage->target;
	auto const read = [&](std::size_t const first, std::size_t const count) {
		m_context.stats().read_calls.fetch_add(1, std::memory_order_relaxed);
		auto const block = run.block(first);
		return read_range(target, block.piece, block.block.value * block_size,
			std::span(run.buffers).subspan(first, count));
	};
	auto const all = read(0, run.buffers.size());
	if (all)
	{
		return errors;
	}
	// An error ends the target, so it must lie in a block that somebody asked for and not in one that was
	// read ahead. Hence one by one.
	for (std::size_t i = 0; i < errors.size(); ++i)
	{
		auto const r = errors.size() == 1 ? all : read(i, 1);
		if (!r)
		{
			errors[i] = to_storage_error(r.error(), lt::operation_t::file_read);
			if (is_asked_for(run, i))
			{
				target.bad_piece(run.block(i).piece, r.error());
			}
		}
	}
	return errors;
}

void block_reader::end_run(read_run const& run, std::vector<lt::storage_error> const& errors)
{
	std::vector<read_answer> answers;
	std::vector<char*> buffers;
	finished_loads finished;
	{
		mutex_lock const l(m_mutex);
		auto& queue = m_storages.at(run.storage->id).queue;
		for (std::size_t i = 0; i < run.buffers.size(); ++i)
		{
			auto wanted = queue.end_read(run.block(i));
			// under the lock: a block that arrives anew was marked before, or is in the cache already, or
			// async_write() drops this older copy afterwards
			if (wanted.keep() && !errors[i] && !wanted.overwritten && !run.in_memory)
			{
				keep_block(run, i, wanted);
			}
			hand_out(run, i, errors[i], wanted.jobs, answers, finished);
			buffers.push_back(static_cast<char*>(run.buffers[i].iov_base));
		}
	}
	m_buffers.unref(buffers); // of this read; the cache and the answers have their own references
	m_context.stats().pool_reading.fetch_sub(static_cast<int>(run.buffers.size()), std::memory_order_relaxed);
	m_packer.post(std::move(answers));
	finish_loads(run.storage->id, finished, starts::at_once);
	on_space();
}

void block_reader::keep_block(read_run const& run, std::size_t const i, wanted_block const& wanted)
{
	auto const block = run.block(i);
	auto* const buffer = static_cast<char*>(run.buffers[i].iov_base);
	auto const length = static_cast<int>(run.buffers[i].iov_len);
	wanted.has_peer() || wanted.jobs.empty()
		? m_cache.insert_clean(run.storage->key(block.piece), block.block, buffer, length)
		: m_cache.insert_expected(run.storage->key(block.piece), block.block, buffer, length);
}

// The block to all who wait for it.
void block_reader::hand_out(read_run const& run, std::size_t const i, lt::storage_error const& error,
	std::vector<read_job>& jobs, std::vector<read_answer>& answers, finished_loads& finished)
{
	auto* const buffer = error ? nullptr : static_cast<char*>(run.buffers[i].iov_base);
	for (auto& job : jobs)
	{
		if (job.load)
		{
			if (buffer != nullptr && !run.in_memory)
			{
				auto& stats = m_context.stats();
				(job.load->is_ahead() ? stats.blocks_read_ahead : stats.blocks_read_back)
					.fetch_add(1, std::memory_order_relaxed);
			}
			if (--job.load->missing == 0)
			{
				finished.push_back(std::move(job.load));
			}
			continue;
		}
		if (run.in_memory)
		{
			m_context.stats().blocks_read_from_cache.fetch_add(1, std::memory_order_relaxed);
		}
		if (buffer != nullptr)
		{
			m_buffers.ref(buffer);
		}
		answers.push_back({std::move(job), buffer, error});
	}
}

void block_reader::abort()
{
	std::vector<read_answer> answers;
	std::vector<std::pair<std::uint32_t, finished_loads>> ended;
	{
		mutex_lock const l(m_mutex);
		m_aborted = true;
		for (auto& [id, s] : m_storages)
		{
			auto& finished = ended.emplace_back(id, finished_loads()).second;
			abort_loads(s, finished);
			for (auto& job : s.queue.take_waiting())
			{
				if (!job.load)
				{
					answers.push_back(aborted_read(std::move(job)));
				}
				else if (--job.load->missing == 0)
				{
					finished.push_back(std::move(job.load));
				}
			}
		}
	}
	post_answers(m_completions, m_buffers, std::move(answers));
	for (auto& [id, finished] : ended)
	{
		finish_loads(id, finished, starts::at_once);
	}
	m_straddling.abort();
}

} // namespace rawswarm
