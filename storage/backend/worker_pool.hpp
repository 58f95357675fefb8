// SPDX-License-Identifier: BSD-3-Clause
// Threads that run jobs; their number may change at any time.
//
// Without threads, jobs run in the thread of the io_context that the backend answers to. A job must not
// throw. As long as a job is under way that io_context does not run out of work, so that handlers the job
// posts are run.
#pragma once

#include "base/mutex.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace rawswarm
{

class worker_pool
{
public:
	using job = std::function<void()>;

	// name: of its threads, for who looks at the process; lives as long as the pool.
	worker_pool(lt::io_context& ios, int threads, char const* name);
	~worker_pool() { join(); } // NOLINT(bugprone-exception-escape): no job throws
	worker_pool(worker_pool const&) = delete;
	worker_pool& operator=(worker_pool const&) = delete;

	// Any thread.
	void post(job j);

	// As many as are wanted. Any thread.
	int threads() const { return m_wanted.load(std::memory_order_relaxed); }

	// One caller at a time. Surplus threads end after their present job.
	void resize(int threads);

	// Returns when every job has ended; no job may be posted after the call. Without threads it runs the
	// remaining jobs itself.
	void join();

private:
	void post_poll();
	void run();
	bool may_leave();

	lt::io_context& m_ios;
	char const* const m_name;
	std::shared_ptr<boost::asio::io_context> m_jobs; // shared, as a poll posted to m_ios may outlive the pool
	boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_open;
	std::atomic<int> m_wanted{0};
	std::atomic<bool> m_too_many{false};

	mutex m_mutex;
	int m_running GUARDED_BY(m_mutex) = 0;
	std::vector<std::thread> m_threads GUARDED_BY(
		m_mutex); // those that have ended are joined with the others
};

} // namespace rawswarm
