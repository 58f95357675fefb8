#include "storage/block_reader.hpp"

#include "storage/target_io.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace rawswarm
{

namespace
{

// Less than the room that is left beside the high watermark of dirty blocks (pressure.hpp).
constexpr double max_handed_out_share = 0.375;

lt::storage_error aborted()
{
	return {lt::error_code(boost::asio::error::operation_aborted), lt::file_index_t{0},
		lt::operation_t::file_read};
}

} // namespace

block_reader::block_reader(storage_context& context, buffer_pool& buffers, block_cache& cache,
	completion_queue& completions, disk_workers& workers)
	: m_context(context)
	, m_buffers(buffers)
	, m_cache(cache)
	, m_completions(completions)
	, m_workers(workers)
	, m_max_handed_out(static_cast<int>(buffers.capacity() * max_handed_out_share))
{}

bool block_reader::may_hand_out() const
{
	return m_buffers.handed_out() < m_max_handed_out;
}

void block_reader::read(read_job job)
{
	m_context.stats().blocks_read.fetch_add(1, std::memory_order_relaxed);
	if (read_from_memory(job))
	{
		return;
	}
	m_workers.add_io([this, j = std::move(job)]() mutable { read_or_wait(std::move(j)); });
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
	auto holder = std::make_shared<lt::disk_buffer_holder>(m_buffers.hand_out(block, job.request.length));
	m_completions.add([h = std::move(job.handler), holder] { h(std::move(*holder), lt::storage_error()); });
	return true;
}

char* block_reader::take_buffer()
{
	return may_hand_out() ? m_cache.take_buffer() : nullptr;
}

void block_reader::read_or_wait(read_job job)
{
	if (read_from_memory(job))
	{
		return;
	}
	if (char* const buffer = take_buffer())
	{
		read_from_device(job, buffer);
		return;
	}
	{
		std::unique_lock<std::mutex> l(m_mutex);
		if (m_aborted)
		{
			l.unlock();
			m_completions.add([h = std::move(job.handler)] { h(lt::disk_buffer_holder(), aborted()); });
			return;
		}
		m_waiting.push_back(std::move(job));
		++m_num_waiting;
	}
	// room that came before the job was in the queue told nobody
	run_waiting();
}

void block_reader::on_room()
{
	if (m_num_waiting.load() > 0)
	{
		m_workers.post_io([this] { run_waiting(); });
	}
}

void block_reader::run_waiting()
{
	for (;;)
	{
		char* const buffer = take_buffer();
		if (!buffer)
		{
			return;
		}
		std::unique_lock<std::mutex> l(m_mutex);
		if (m_waiting.empty())
		{
			l.unlock();
			m_buffers.drop_owner(buffer);
			if (m_num_waiting.load() == 0)
			{
				return;
			}
			continue; // a job came and found no room because of this very block
		}
		auto job = std::move(m_waiting.front());
		m_waiting.pop_front();
		--m_num_waiting;
		l.unlock();
		read_from_device(job, buffer);
	}
}

void block_reader::read_from_device(read_job& job, char* const buffer)
{
	auto const& r = job.request;
	if (auto const filled = fill(job, buffer); !filled)
	{
		m_buffers.drop_owner(buffer);
		on_room();
		job.target->fail(filled.error());
		auto const e = to_storage_error(filled.error(), lt::operation_t::file_read);
		m_completions.add([h = std::move(job.handler), e] { h(lt::disk_buffer_holder(), e); });
		return;
	}
	int const whole =
		std::min(block_size, job.target->info().piece_size(r.piece) - job.first_block().value * block_size);
	if (job.keep && job.is_block() && r.length == whole)
	{
		m_cache.insert_clean(job.key(), job.first_block(), buffer, r.length);
	}
	auto holder = std::make_shared<lt::disk_buffer_holder>(m_buffers.hand_out(buffer, r.length));
	m_completions.add([h = std::move(job.handler), holder] { h(std::move(*holder), lt::storage_error()); });
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
			m_cache.drop_owner(block);
		}
		else
		{
			m_context.stats().read_calls.fetch_add(1, std::memory_order_relaxed);
			BOOST_OUTCOME_TRYV(read_range(*job.target, r.piece, offset, to));
		}
		done += length;
	}
	return boost::outcome_v2::success();
}

void block_reader::abort()
{
	std::deque<read_job> jobs;
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		m_aborted = true;
		jobs.swap(m_waiting);
		m_num_waiting = 0;
	}
	for (auto& job : jobs)
	{
		m_completions.add([h = std::move(job.handler)] { h(lt::disk_buffer_holder(), aborted()); });
	}
}

} // namespace rawswarm
