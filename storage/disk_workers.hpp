// The threads of the disk backend: one pool for the devices, one for hashing.
//
// libtorrent's network thread adds jobs and starts them a batch at a time; workers may post further
// jobs, which start at once. A job must not throw.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

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

	disk_workers(int const io_threads, int const hash_threads)
		: m_io(static_cast<std::size_t>(io_threads))
		, m_hash(static_cast<std::size_t>(hash_threads))
	{
	}

	// Network thread only: kept until submit().
	void add_io(job j) { m_new_io.push_back(std::move(j)); }
	void add_hash(job j) { m_new_hash.push_back(std::move(j)); }

	// Network thread only: starts what was added.
	void submit()
	{
		for (auto& j : std::exchange(m_new_io, {}))
		{
			boost::asio::post(m_io, std::move(j));
		}
		for (auto& j : std::exchange(m_new_hash, {}))
		{
			boost::asio::post(m_hash, std::move(j));
		}
	}

	// Any thread: starts at once.
	void post_io(job j) { boost::asio::post(m_io, std::move(j)); }

	// Returns when every job has ended. None may be posted any more.
	void join()
	{
		m_hash.join();
		m_io.join();
	}

private:
	std::vector<job> m_new_io;
	std::vector<job> m_new_hash;
	boost::asio::thread_pool m_io;
	boost::asio::thread_pool m_hash;
};

} // namespace rawswarm
