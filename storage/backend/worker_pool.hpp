// SPDX-License-Identifier: BSD-3-Clause
// Threads that run jobs, as many as are asked for while it runs.
//
// With none, jobs run in the thread of the io_context that the backend answers to. A job must not throw. As
// long as one is under way that io_context does not run out of work: what the job posts is run.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace rawswarm
{

class worker_pool
{
public:
	using job = std::function<void()>;

	worker_pool(lt::io_context& ios, int threads);
	~worker_pool() { join(); }
	worker_pool(worker_pool const&) = delete;
	worker_pool& operator=(worker_pool const&) = delete;

	// Any thread.
	void post(job j);

	// One thread at a time. Threads that are too many end after the job that they are at.
	void resize(int threads);

	// Returns when every job has ended. None may be posted any more. Runs what is left where there are no
	// threads.
	void join();

private:
	void post_poll();
	void run();
	bool may_leave();

	lt::io_context& m_ios;
	std::shared_ptr<boost::asio::io_context> m_jobs; // what is posted to m_ios may outlive the pool
	boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_open;
	std::atomic<int> m_wanted{0};
	std::atomic<bool> m_too_many{false};

	std::mutex m_mutex;
	int m_running = 0;
	std::vector<std::thread> m_threads; // those that have left are joined with the others
};

} // namespace rawswarm
