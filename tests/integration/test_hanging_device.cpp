// SPDX-License-Identifier: BSD-3-Clause
// A device that no longer answers: nothing can end the threads that wait for it, not even SIGKILL. The job
// ends all the same, and its other targets go on.
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <thread>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;

// Writes hang from the time that the test says, or take their time.
class hanging_writes : public fuse_behaviour
{
public:
	void hang(bool const is) { *m_hangs = is; }
	void set_rate(std::uint64_t const bytes_per_second) { m_rate = bytes_per_second; }

	void on_written(std::uint64_t /*offset*/, std::span<char> const kept) override
	{
		if (m_rate > 0)
		{
			std::this_thread::sleep_for(std::chrono::microseconds(kept.size() * 1'000'000 / m_rate));
		}
		while (*m_hangs)
		{
			std::this_thread::sleep_for(5ms);
		}
	}

private:
	std::atomic<bool>* m_hangs = ::new (shared_memory(sizeof(std::atomic<bool>))) std::atomic<bool>(false);
	std::uint64_t m_rate = 0;
};

// A loop device over it, as threads that wait for a file of FUSE could be killed.
class hanging_device : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_LOOP_DEVICES();
		if (!fuse_available())
		{
			GTEST_SKIP() << "no FUSE";
		}
	}

	void TearDown() override { m_writes.hang(false); }

	void make(std::uint64_t const size)
	{
		m_fuse = std::make_unique<fuse_disk>(size, m_writes);
		m_device = std::make_unique<loop_device>(m_fuse->file());
	}

	nlohmann::json job(prepared_image const& image, std::vector<std::uint16_t> const& peers)
	{
		auto job = loopback_job(peers);
		job["targets"].push_back(image_target(image.torrent_path, m_device->path()));
		job["beacon"] = {{"to", {m_listener.address()}}, {"interval_ms", 100}};
		return job;
	}

	void expect_last_beacons(std::string const& error)
	{
		EXPECT_TRUE(m_listener.wait_for_state("failed", 5s));
		auto const beacons = m_listener.beacons();
		ASSERT_GE(beacons.size(), 3U);
		for (auto at = beacons.end() - 3; at != beacons.end(); ++at)
		{
			EXPECT_EQ(at->json.value("state", ""), "failed") << at->text;
		}
		EXPECT_NE(beacons.back().text.find(error), std::string::npos) << beacons.back().text;
	}

	hanging_writes m_writes;
	std::unique_ptr<fuse_disk> m_fuse;
	std::unique_ptr<loop_device> m_device;
	beacon_listener m_listener;
};

prepared_image one_extent(std::uint64_t const size, std::uint64_t const seed)
{
	auto files =
		scattered_extents({.count = 1, .smallest = size, .largest = size, .largest_gap = 1, .seed = seed});
	files.front().offset = 0;
	return prepared_image(std::move(files));
}

} // namespace

TEST_F(hanging_device, second_termination_ends_the_job_with_its_code_and_its_last_beacons)
{
	auto const image = one_extent(16 * mib, 1);
	make(image.device_size);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	m_writes.hang(true);
	child_process agent(run_command(image.dir, job(image, {seeder.port()})));
	ASSERT_TRUE(m_listener.wait_for_state("flushing", 20s)) << agent.err();
	agent.signal(SIGTERM);
	ASSERT_TRUE(agent.wait_for_text("stopping: SIGTERM", 5s));
	EXPECT_FALSE(agent.wait(1s)) << "what is in memory is worth waiting for";
	agent.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, exit_code::terminated, 30s));
	expect_last_beacons("stopped by SIGTERM");
}

TEST_F(hanging_device, one_termination_is_enough_if_nothing_is_written_any_more)
{
	auto const image = one_extent(16 * mib, 1);
	make(image.device_size);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	m_writes.hang(true);
	child_process agent(run_command(image.dir, job(image, {seeder.port()})));
	ASSERT_TRUE(m_listener.wait_for_state("flushing", 20s)) << agent.err();
	agent.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, exit_code::terminated, 60s));
	EXPECT_NE(agent.err().find("stopping: writing " + m_device->path() + " at 0x"), std::string::npos)
		<< agent.err();
	expect_last_beacons("stopped by SIGTERM");
}

TEST_F(hanging_device, is_named_with_the_place_and_fails_while_the_other_target_goes_on)
{
	auto const image = one_extent(48 * mib, 1);
	auto const other = one_extent(64 * mib, 2);
	make(image.device_size);
	loop_device const healthy(other.device_size);
	std::vector<std::unique_ptr<seeding_agent>> seeders;
	std::vector<std::uint16_t> peers;
	for (int i = 0; i < 4; ++i)
	{
		auto const& served = i == 0 ? other : image;
		seeders.push_back(std::make_unique<seeding_agent>(served.torrent_path, served.source_path));
		peers.push_back(seeders.back()->port());
	}
	m_writes.hang(true);
	auto two = job(image, peers);
	two["targets"].push_back(image_target(other.torrent_path, healthy.path()));
	// the image that cannot be written does not fit
	two["storage"] = {{"memory", "16M"}, {"device_timeout_seconds", 10}};
	child_process agent(run_command(image.dir, two));

	auto const is_done = [](nlohmann::json const& beacon) {
		auto const targets = beacon.value("targets", nlohmann::json::array());
		return targets.size() == 2 && targets[1].value("state", "") == "done";
	};
	EXPECT_TRUE(m_listener.wait_for(is_done, 40s)) << agent.err();
	EXPECT_TRUE(exits_with(agent, exit_code::device, 60s));
	auto const place = "writing " + m_device->path() + " at 0x";
	EXPECT_TRUE(agent.wait_for_text("no answer for 5 seconds", 0ms)) << agent.err();
	expect_last_beacons(place);
	EXPECT_NE(m_listener.beacons().back().text.find("no answer for 1"), std::string::npos);
	EXPECT_TRUE(device_equals(healthy.path(), other.torrent.files, background::zeros));
}

TEST_F(hanging_device, time_limit_of_the_job_counts_while_it_flushes)
{
	auto const image = one_extent(16 * mib, 1);
	make(image.device_size);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	m_writes.hang(true);
	auto limited = job(image, {seeder.port()});
	limited["timeout_seconds"] = 3;
	limited["storage"] = {{"device_timeout_seconds", 0}};
	child_process agent(run_command(image.dir, limited));
	EXPECT_TRUE(exits_with(agent, exit_code::device, 60s));
	expect_last_beacons("flushing " + m_device->path() + ": no progress for 3 seconds");
}

TEST_F(hanging_device, device_that_answers_late_loses_nothing)
{
	auto const image = one_extent(16 * mib, 1);
	make(image.device_size);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	m_writes.hang(true);
	auto slow = job(image, {seeder.port()});
	slow["storage"] = {{"device_timeout_seconds", 60}};
	child_process agent(run_command(image.dir, slow));
	EXPECT_TRUE(agent.wait_for_text("no answer for 10 seconds", 40s));
	m_writes.hang(false);
	EXPECT_TRUE(exits_with(agent, exit_code::done, 40s));
	EXPECT_NE(agent.err().find("answers again"), std::string::npos) << agent.err();
	EXPECT_TRUE(device_equals(m_device->path(), image.torrent.files, background::zeros));
}

// 768 MiB of zeros at 20 MB/s would take 38 seconds; the device has no command for zeros.
TEST_F(hanging_device, zeroing_of_gaps_ends_with_a_signal)
{
	temp_dir const dir;
	auto const source = dir / "source.img";
	write_sparse_file(source, 800 * mib);
	write_at(source, 0, std::string(16 * mib, 'x'));
	ASSERT_TRUE(exits_with(
		run_rawswarm({"create", "--skip-zeros", source, "-o", dir / "zeros.torrent"}), exit_code::done));
	m_writes.set_rate(20'000'000);
	make(800 * mib);
	seeding_agent const seeder(dir / "zeros.torrent", source);
	auto waiting = loopback_job({seeder.port()});
	waiting["targets"].push_back(image_target(dir / "zeros.torrent", m_device->path()));
	waiting["beacon"] = {{"to", {m_listener.address()}}, {"interval_ms", 100}};
	child_process agent(run_command(dir, waiting));
	ASSERT_TRUE(m_listener.wait_for_state("flushing", 20s)) << agent.err();
	EXPECT_FALSE(agent.wait(1s));
	agent.signal(SIGTERM);
	EXPECT_TRUE(exits_with(agent, exit_code::terminated, 20s));
}

} // namespace rawswarm::test
