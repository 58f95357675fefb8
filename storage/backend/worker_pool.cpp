// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/worker_pool.hpp"

#include "base/thread_name.hpp"

namespace rawswarm
{

worker_pool::worker_pool(lt::io_context& ios, int const threads, char const* const name)
	: m_ios(ios)
	, m_name(name)
	, m_jobs(std::make_shared<boost::asio::io_context>())
	, m_open(boost::asio::make_work_guard(*m_jobs))
{
	resize(threads);
}

void worker_pool::post_poll()
{
	boost::asio::post(m_ios, [jobs = m_jobs] { jobs->poll(); });
}

void worker_pool::post(job j)
{
	boost::asio::post(*m_jobs, [j = std::move(j), work = boost::asio::make_work_guard(m_ios)] { j(); });
	if (m_wanted.load(std::memory_order_relaxed) == 0)
	{
		post_poll();
	}
}

void worker_pool::resize(int const threads)
{
	mutex_lock const l(m_mutex);
	m_wanted = threads;
	for (; m_running < threads; ++m_running)
	{
		m_threads.emplace_back([this] { run(); });
	}
	m_too_many = m_running > threads;
	for (int i = threads; i < m_running; ++i)
	{
		boost::asio::post(*m_jobs, [] {}); // wakes a thread that waits, so that it may leave
	}
	if (threads == 0)
	{
		post_poll();
	}
}

bool worker_pool::may_leave()
{
	mutex_lock const l(m_mutex);
	if (m_running <= m_wanted)
	{
		return false;
	}
	--m_running;
	m_too_many = m_running > m_wanted;
	return true;
}

void worker_pool::run()
{
	name_this_thread(m_name);
	while (m_jobs->run_one() > 0)
	{
		if (m_too_many.load(std::memory_order_relaxed) && may_leave())
		{
			return;
		}
	}
}

void worker_pool::join()
{
	m_open.reset();
	mutex_lock l(m_mutex);
	auto threads = std::exchange(m_threads, {});
	l.unlock();
	for (auto& t : threads)
	{
		t.join();
	}
	m_jobs->restart();
	m_jobs->run();
}

} // namespace rawswarm
