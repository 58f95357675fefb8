// SPDX-License-Identifier: BSD-3-Clause
// One machine that is slower than the others, and how much that delays them.
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/program/room_test.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

// A disk that takes 16 KiB in 10 milliseconds: 1.6 MB per second, while a link carries 12.
struct slow_writes final : fuse_behaviour
{
	void on_written(std::uint64_t, std::span<char> const kept) override
	{
		std::this_thread::sleep_for(10ms * std::max<std::size_t>(1, kept.size() / (16 * 1024)));
	}
};

class slow_members : public room_test
{
protected:
	// The benchmark measures the delay (`bench swarm --slow-client`, `--slow-disk`): 5% at most. A short run
	// on a busy machine varies by more than that, so this only finds a room that waits for its slowest
	// member.
	static constexpr double most = 1.25;

	static constexpr room_size size{.clients = 5, .mbit = 100, .mib = 48, .piece_size = 1024 * 1024};

	static constexpr std::size_t slow_host = size.clients;
	static std::vector<std::size_t> others() { return hosts_between(1, slow_host - 1); }

	static void expect_about_as_long(
		std::chrono::duration<double> const with, std::chrono::duration<double> const without)
	{
		std::cout << with.count() << " s, and " << without.count() << " s without\n";
		EXPECT_LE(with / without, most);
	}

	// From the start of the clients until the last of the others had the image. target: the slow one's.
	std::chrono::duration<double> time_of_others(std::string const& target)
	{
		agents().start_seeder();
		auto const start = std::chrono::steady_clock::now();
		for (auto const i : clients())
		{
			auto job = agents().client_job(i);
			job["swarm"]["lsd"] = true;
			if (i == slow_host)
			{
				job["targets"][0]["device"] = target;
			}
			agents().start(i, job);
		}
		EXPECT_TRUE(agents().are_done(others(), 60s));
		EXPECT_TRUE(agents().are_right(others()));
		auto last = start;
		for (auto const i : others())
		{
			last = std::max(last, agents().beacons().done_at(i).value_or(start));
		}
		return last - start;
	}
};

} // namespace

TEST_F(slow_members, client_with_a_tenth_of_the_rate_does_not_delay_the_others)
{
	make(size);
	auto const without = time_of_others(agents().target(slow_host));
	make(size);
	hosts().set_rate(slow_host, size.mbit / 10);
	auto const with = time_of_others(agents().target(slow_host));
	EXPECT_LT(agents().done(slow_host), image().bytes) << "it was not slow";
	expect_about_as_long(with, without);
}

TEST_F(slow_members, client_with_a_slow_disk_does_not_delay_the_others)
{
	if (!fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	make(size);
	auto const without = time_of_others(agents().target(slow_host));
	make(size);
	slow_writes behaviour;
	fuse_disk const disk(static_cast<std::uint64_t>(image().bytes), behaviour);
	auto const with = time_of_others(disk.file());
	EXPECT_LT(agents().done(slow_host), image().bytes) << "it was not slow";
	expect_about_as_long(with, without);
	agents().process(slow_host).signal(SIGKILL);
	agents().process(slow_host).wait(10s);
}

} // namespace rawswarm::test
