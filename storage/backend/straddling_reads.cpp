// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/straddling_reads.hpp"

#include "storage/backend/read_answers.hpp"
#include "storage/backend/target_io.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace rawswarm
{

straddling_reads::straddling_reads(storage_context& context, buffer_pool& buffers, block_cache& cache,
	read_budget& budget, completions& completions, disk_workers& workers, std::function<void()> on_space)
	: m_context(context)
	, m_buffers(buffers)
	, m_cache(cache)
	, m_budget(budget)
	, m_completions(completions)
	, m_workers(workers)
	, m_on_space(std::move(on_space))
{}

void straddling_reads::add(read_job job)
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
	m_jobs.push_back(std::move(job));
	++m_num_jobs;
	l.unlock();
	m_workers.add_io([this] { run(); });
}

void straddling_reads::on_space()
{
	if (m_num_jobs.load() > 0)
	{
		m_workers.post_io([this] { run(); });
	}
}

void straddling_reads::run()
{
	for (;;)
	{
		mutex_lock l(m_mutex);
		auto const next = next_job();
		if (next == m_jobs.end())
		{
			return; // of those that wait, who reads from the same target takes them
		}
		char* const buffer = m_budget.take_buffer();
		if (!buffer)
		{
			return; // on_space() starts it again
		}
		auto job = std::move(*next);
		m_jobs.erase(next);
		--m_num_jobs;
		auto const storage = job.storage->id;
		++m_readers[storage];
		l.unlock();

		std::vector<read_answer> answers;
		if (auto const filled = fill(job, buffer); filled)
		{
			answers.push_back({std::move(job), buffer, {}});
		}
		else
		{
			m_buffers.unref(buffer);
			job.storage->target->bad_piece(job.request.piece, filled.error());
			answers.push_back(
				{std::move(job), nullptr, to_storage_error(filled.error(), lt::operation_t::file_read)});
		}
		post_answers(m_completions, m_buffers, std::move(answers));
		end_read(storage);
		m_on_space();
	}
}

// The first one whose target has a reader left, or the end.
std::deque<read_job>::iterator straddling_reads::next_job()
{
	auto it = m_jobs.begin();
	for (; it != m_jobs.end(); ++it)
	{
		auto const at_work = m_readers.find(it->storage->id);
		if (at_work == m_readers.end() || at_work->second < it->storage->target->readers())
		{
			break;
		}
	}
	return it;
}

void straddling_reads::end_read(std::uint32_t const storage)
{
	mutex_lock const l(m_mutex);
	auto const it = m_readers.find(storage);
	if (--it->second == 0)
	{
		m_readers.erase(it);
	}
}

// A block may be in memory and not on the device yet, so each one that the request touches is looked up.
result<void> straddling_reads::fill(read_job const& job, char* const buffer)
{
	auto const& r = job.request;
	bool from_memory = true;
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
			from_memory = false;
			m_context.stats().read_calls.fetch_add(1, std::memory_order_relaxed);
			BOOST_OUTCOME_TRYV(read_range(*job.storage->target, r.piece, offset, to));
		}
		done += length;
	}
	m_context.stats().blocks_read_from_cache.fetch_add(from_memory ? 1 : 0, std::memory_order_relaxed);
	return success();
}

void straddling_reads::abort()
{
	std::vector<read_answer> answers;
	{
		mutex_lock const l(m_mutex);
		m_aborted = true;
		for (auto& job : std::exchange(m_jobs, {}))
		{
			answers.push_back(aborted_read(std::move(job)));
		}
		m_num_jobs = 0;
	}
	post_answers(m_completions, m_buffers, std::move(answers));
}

} // namespace rawswarm
