// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace rawswarm
{
namespace
{

// Runs jobs that wait for each other: so many are under way at once, or it times out.
class meeting
{
public:
	// True once so many are here.
	bool meet(int const wanted)
	{
		std::unique_lock l(m_mutex);
		++m_here;
		m_changed.notify_all();
		return m_changed.wait_for(l, std::chrono::seconds(5), [&] { return m_here >= wanted; });
	}

private:
	std::mutex m_mutex;
	std::condition_variable m_changed;
	int m_here = 0;
};

TEST(worker_pool, as_many_jobs_run_at_once_as_there_are_threads)
{
	lt::io_context ios;
	worker_pool pool(ios, 3, "test");
	meeting m;
	std::atomic<int> met{0};
	for (int i = 0; i < 3; ++i)
	{
		pool.post([&] { met += m.meet(3) ? 1 : 0; });
	}
	pool.join();
	EXPECT_EQ(met, 3);
}

TEST(worker_pool, grows_while_jobs_run)
{
	lt::io_context ios;
	worker_pool pool(ios, 1, "test");
	meeting m;
	std::atomic<int> met{0};
	for (int i = 0; i < 4; ++i)
	{
		pool.post([&] { met += m.meet(4) ? 1 : 0; });
	}
	pool.resize(4);
	pool.join();
	EXPECT_EQ(met, 4);
}

TEST(worker_pool, shrinks_and_loses_no_job)
{
	lt::io_context ios;
	worker_pool pool(ios, 8, "test");
	std::atomic<int> done{0};
	for (int round = 0; round < 200; ++round)
	{
		pool.post([&] { ++done; });
		pool.resize(1 + round % 8);
	}
	pool.join();
	EXPECT_EQ(done, 200);
}

TEST(worker_pool, without_threads_the_io_context_runs_the_jobs)
{
	lt::io_context ios;
	worker_pool pool(ios, 0, "test");
	std::thread::id ran_in;
	int chained = 0;
	pool.post([&] {
		ran_in = std::this_thread::get_id();
		pool.post([&] { ++chained; });
	});
	EXPECT_EQ(ran_in, std::thread::id()) << "not from within post()";
	ios.run();
	EXPECT_EQ(ran_in, std::this_thread::get_id());
	EXPECT_EQ(chained, 1);
}

TEST(worker_pool, remaining_jobs_run_before_join_returns)
{
	lt::io_context ios;
	worker_pool pool(ios, 0, "test");
	int done = 0;
	pool.post([&] {
		++done;
		pool.post([&] { ++done; });
	});
	pool.join();
	EXPECT_EQ(done, 2);
}

TEST(worker_pool, jobs_go_on_when_the_last_thread_is_taken_away)
{
	lt::io_context ios;
	worker_pool pool(ios, 2, "test");
	pool.resize(0);
	std::atomic<int> done{0};
	for (int i = 0; i < 10; ++i)
	{
		pool.post([&] { ++done; });
	}
	while (done < 10)
	{
		ios.restart();
		ios.poll();
	}
	pool.join();
	EXPECT_EQ(done, 10);
}

} // namespace
} // namespace rawswarm
