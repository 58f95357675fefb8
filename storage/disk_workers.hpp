// The threads of the disk backend: one pool for the devices, one for hashing.
//
// libtorrent's network thread adds jobs and starts them a batch at a time; workers may post further
// jobs, which start at once. A job must not throw. As long as one is under way the io_context does not run
// out of work: what the job posts is run, and the session is still there.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace rawswarm
{

class disk_workers
{
public:
	using job = std::function<void()>;

	disk_workers(lt::io_context& ios, int const io_threads, int const hash_threads)
		: m_ios(ios)
		, m_io(static_cast<std::size_t>(io_threads))
		, m_hash(static_cast<std::size_t>(hash_threads))
	{}

	// Network thread only: kept until submit().
	void add_io(job j) { m_new_io.push_back(std::move(j)); }
	void add_hash(job j) { m_new_hash.push_back(std::move(j)); }

	// Network thread only: starts what was added.
	void submit()
	{
		for (auto& j : std::exchange(m_new_io, {}))
		{
			start(m_io, std::move(j));
		}
		for (auto& j : std::exchange(m_new_hash, {}))
		{
			start(m_hash, std::move(j));
		}
	}

	// Any thread: starts at once.
	void post_io(job j) { start(m_io, std::move(j)); }

	// Returns when every job has ended. None may be posted any more.
	void join()
	{
		m_hash.join();
		m_io.join();
	}

private:
	void start(boost::asio::thread_pool& pool, job j)
	{
		boost::asio::post(pool, [j = std::move(j), work = boost::asio::make_work_guard(m_ios)] { j(); });
	}

	lt::io_context& m_ios;
	std::vector<job> m_new_io;
	std::vector<job> m_new_hash;
	boost::asio::thread_pool m_io;
	boost::asio::thread_pool m_hash;
};

} // namespace rawswarm
