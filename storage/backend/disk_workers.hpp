// SPDX-License-Identifier: BSD-3-Clause
// The threads of the disk backend: one pool for the devices, one for hashing and for frames.
//
// libtorrent's network thread adds jobs, and starts them a batch at a time; any thread may post jobs that
// start at once.
#pragma once

#include "storage/backend/worker_pool.hpp"

#include <libtorrent/fwd.hpp>
#include <libtorrent/io_context.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace rawswarm
{

// When a job starts.
enum class starts : bool
{
	with_batch, // at the network thread's next submit; network thread only
	at_once
};

class disk_workers
{
public:
	using job = worker_pool::job;

	disk_workers(lt::io_context& ios, int const io_threads, int const hash_threads)
		: m_io(ios, io_threads, "io")
		, m_hash(ios, hash_threads, "hash")
	{}

	// Network thread only: kept until submit().
	void add_io(job j) { m_new_io.push_back(std::move(j)); }
	void add_hash(job j) { m_new_hash.push_back(std::move(j)); }

	void start_io(job j, starts const when)
	{
		when == starts::with_batch ? add_io(std::move(j)) : post_io(std::move(j));
	}
	void start_hash(job j, starts const when)
	{
		when == starts::with_batch ? add_hash(std::move(j)) : post_hash(std::move(j));
	}

	// Network thread only: starts the jobs that were added.
	void submit()
	{
		for (auto& j : std::exchange(m_new_io, {}))
		{
			m_io.post(std::move(j));
		}
		for (auto& j : std::exchange(m_new_hash, {}))
		{
			m_hash.post(std::move(j));
		}
	}

	// Any thread: starts at once.
	void post_io(job j) { m_io.post(std::move(j)); }
	void post_hash(job j) { m_hash.post(std::move(j)); }

	// How many jobs run at once, at least one: without threads the network thread runs them. Any thread.
	int io_workers() const { return std::max(1, m_io.threads()); }
	int hash_workers() const { return std::max(1, m_hash.threads()); }

	// Network thread only.
	void resize(int const io_threads, int const hash_threads)
	{
		m_io.resize(io_threads);
		m_hash.resize(hash_threads);
	}

	// Returns when every job has ended. After the call only jobs may post jobs.
	void join()
	{
		m_hash.join();
		m_io.join();
		m_hash.join(); // what the last jobs of the other pool have posted
	}

private:
	std::vector<job> m_new_io;
	std::vector<job> m_new_hash;
	worker_pool m_io;
	worker_pool m_hash;
};

} // namespace rawswarm
