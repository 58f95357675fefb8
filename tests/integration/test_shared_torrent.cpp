// SPDX-License-Identifier: BSD-3-Clause
// One image for several disks of a machine: it comes once from the network, and each disk is a target of its
// own in everything else.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <thread>
#include <utility>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint64_t mib = 1024 * 1024;

// Two targets with one torrent each, the second a copy of the first one's file, as people write it.
nlohmann::json job_for_two(prepared_image const& image, std::string const& first, std::string const& second,
	std::vector<std::uint16_t> const& peers)
{
	auto job = loopback_job(peers);
	auto const copy = image.dir / "copy.torrent";
	write_file(copy, read_file(image.torrent_path));
	job["targets"] = {image_target(image.torrent_path, first), image_target(copy, second)};
	return job;
}

struct outcome
{
	run_result result;
	nlohmann::json report;

	nlohmann::json const& target(std::size_t const i) const { return report["targets"][i]; }
	std::uint64_t fetched() const
	{
		return target(0)["fetched"].get<std::uint64_t>() + target(1)["fetched"].get<std::uint64_t>();
	}
};

outcome run_to_report(temp_dir const& dir, nlohmann::json const& job)
{
	write_file(dir / "job.json", job.dump());
	auto result = run_rawswarm({"run", "--json", dir / "job.json"}, 90s);
	auto report = nlohmann::json::parse(result.out);
	return {std::move(result), std::move(report)};
}

void expect_done(nlohmann::json const& target)
{
	EXPECT_EQ(target["state"], "done") << target;
	EXPECT_EQ(target["synced"], target["total"]) << target;
	EXPECT_FALSE(target.contains("error")) << target;
}

prepared_image even_image(std::uint64_t const size)
{
	auto files =
		scattered_extents({.count = 1, .smallest = size, .largest = size, .largest_gap = 1, .seed = 1});
	files.front().offset = 0;
	return prepared_image(std::move(files));
}

// Requests hang while the test says so: all writes, or all that touch a range.
class hanging_disk : public fuse_behaviour
{
public:
	void hang(bool const is) { *m_hangs = is; }
	void set_range(std::uint64_t const begin, std::uint64_t const end)
	{
		m_begin = begin;
		m_end = end;
	}

	void on_written(std::uint64_t /*offset*/, std::span<char> const /*kept*/) override
	{
		if (m_end == 0)
		{
			wait();
		}
	}

	void on_request(std::uint64_t const offset, std::size_t const length,
		std::chrono::steady_clock::duration /*copying*/) override
	{
		if (offset < m_end && offset + length > m_begin)
		{
			wait();
		}
	}

private:
	void wait() const
	{
		while (*m_hangs)
		{
			std::this_thread::sleep_for(5ms);
		}
	}

	std::atomic<bool>* m_hangs = ::new (shared_memory(sizeof(std::atomic<bool>))) std::atomic<bool>(true);
	std::uint64_t m_begin = 0;
	std::uint64_t m_end = 0;
};

} // namespace

TEST(shared_torrent, an_image_for_two_disks_is_fetched_once_and_written_to_both)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	prepared_image const image(extent_layout{.count = 300});
	seeding_agent seeder(image.torrent_path, image.source_path, {"--json"});
	loop_device const first(image.device_size);
	loop_device const second(image.device_size + mib);
	fill_with_pattern(first.path(), image.device_size);
	auto job = job_for_two(image, first.path(), second.path(), {seeder.port()});
	job["verify"] = "readback";

	auto const o = run_to_report(image.dir, job);

	ASSERT_TRUE(exits_with(o.result, exit_code::done));
	EXPECT_TRUE(device_equals(first.path(), image.torrent.files, background::pattern));
	EXPECT_TRUE(device_equals(second.path(), image.torrent.files, background::zeros));
	expect_done(o.target(0));
	expect_done(o.target(1));
	auto const total = o.target(0)["total"].get<std::uint64_t>();
	EXPECT_EQ(o.fetched(), total);
	EXPECT_NE(o.result.err.find(first.path() + ": verifying"), std::string::npos) << o.result.err;
	EXPECT_NE(o.result.err.find(second.path() + ": verifying"), std::string::npos) << o.result.err;
	// by the seeder's own count, too
	seeder.process().signal(SIGTERM);
	EXPECT_TRUE(exits_with(seeder.process(), exit_code::terminated));
	auto const sent = nlohmann::json::parse(seeder.process().out());
	EXPECT_LE(sent["targets"][0]["uploaded"].get<std::uint64_t>(), total) << sent;
}

TEST(shared_torrent, a_disk_that_fails_is_named_and_the_other_one_is_done)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const image = even_image(40 * mib);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	for (bool const first_fails : {true, false})
	{
		scoped_tmpfs const full(16 * mib);
		write_sparse_file(full / "disk", image.device_size);
		loop_device const failing(full / "disk");
		loop_device const good(image.device_size);
		auto job = job_for_two(image, first_fails ? failing.path() : good.path(),
			first_fails ? good.path() : failing.path(), {seeder.port()});
		job["verify"] = "readback";

		auto const o = run_to_report(image.dir, job);

		EXPECT_TRUE(exits_with(o.result, exit_code::device));
		EXPECT_TRUE(device_equals(good.path(), image.torrent.files, background::zeros));
		expect_done(o.target(first_fails ? 1 : 0));
		auto const& failed = o.target(first_fails ? 0 : 1);
		EXPECT_EQ(failed["state"], "failed");
		EXPECT_NE(failed["error"].get<std::string>().find("writing " + failing.path() + " at 0x"),
			std::string::npos)
			<< failed;
		EXPECT_EQ(o.report["error"]["code"], exit_code::device);
		EXPECT_EQ(o.fetched(), failed["total"].get<std::uint64_t>());
	}
}

TEST(shared_torrent, a_disk_that_hangs_is_named_and_the_other_one_is_done)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	if (!fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	auto const image = even_image(64 * mib);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	for (bool const first_hangs : {true, false})
	{
		hanging_disk behaviour;
		fuse_disk const fuse(image.device_size, behaviour);
		loop_device const hanging(fuse.file());
		loop_device const good(image.device_size);
		beacon_listener const listener;
		auto job = job_for_two(image, first_hangs ? hanging.path() : good.path(),
			first_hangs ? good.path() : hanging.path(), {seeder.port()});
		// the image does not fit into what the disk that hangs may take
		job["storage"] = {{"memory", "16M"}, {"device_timeout_seconds", 6}};
		job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
		child_process agent(run_command(image.dir, job));

		auto const other_is_done = [first_hangs](nlohmann::json const& beacon) {
			auto const targets = beacon.value("targets", nlohmann::json::array());
			return targets.size() == 2 && targets[first_hangs ? 1 : 0].value("state", "") == "done";
		};
		EXPECT_TRUE(listener.wait_for(other_is_done, 60s)) << agent.err();
		EXPECT_TRUE(exits_with(agent, exit_code::device, 60s));
		EXPECT_NE(agent.err().find("writing " + hanging.path() + " at 0x"), std::string::npos) << agent.err();
		EXPECT_NE(listener.beacons().back().text.find("no answer for"), std::string::npos);
		EXPECT_TRUE(device_equals(good.path(), image.torrent.files, background::zeros));
		behaviour.hang(false);
	}
}

TEST(shared_torrent, what_one_of_the_disks_lacks_is_fetched)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const image = even_image(16 * mib);
	auto const& bytes = image.torrent.files.front().bytes;
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const first(image.device_size);
	loop_device const second(image.device_size);
	write_at(first.path(), 0, bytes.substr(0, 12 * mib));
	write_at(second.path(), 4 * mib, bytes.substr(4 * mib));
	auto job = job_for_two(image, first.path(), second.path(), {seeder.port()});
	for (auto& target : job["targets"])
	{
		target["existing"] = "verify";
	}

	auto const o = run_to_report(image.dir, job);

	ASSERT_TRUE(exits_with(o.result, exit_code::done));
	EXPECT_TRUE(device_equals(first.path(), image.torrent.files, background::zeros));
	EXPECT_TRUE(device_equals(second.path(), image.torrent.files, background::zeros));
	EXPECT_EQ(o.fetched(), 8 * mib);
}

TEST(shared_torrent, a_disk_that_is_not_checked_waits_for_one_that_is)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const image = even_image(16 * mib);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const first(image.device_size);
	loop_device const second(image.device_size);
	write_at(first.path(), 0, image.torrent.files.front().bytes);
	auto job = job_for_two(image, first.path(), second.path(), {seeder.port()});
	job["targets"][0]["existing"] = "verify";
	auto const o = run_to_report(image.dir, job);
	ASSERT_TRUE(exits_with(o.result, exit_code::done));
	EXPECT_TRUE(device_equals(first.path(), image.torrent.files, background::zeros));
	EXPECT_TRUE(device_equals(second.path(), image.torrent.files, background::zeros));
	EXPECT_EQ(o.fetched(), 16 * mib);
}

TEST(shared_torrent, a_disk_waits_no_longer_for_one_that_fails_while_it_is_checked)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	if (!fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	auto const image = even_image(16 * mib);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	hanging_disk behaviour;
	behaviour.set_range(8 * mib, 9 * mib);
	fuse_disk const fuse(image.device_size, behaviour);
	loop_device const hanging(fuse.file());
	loop_device const good(image.device_size);
	auto job = job_for_two(image, hanging.path(), good.path(), {seeder.port()});
	job["storage"] = {{"device_timeout_seconds", 6}};
	for (auto& target : job["targets"])
	{
		target["existing"] = "verify";
	}

	auto const o = run_to_report(image.dir, job);

	behaviour.hang(false);
	EXPECT_TRUE(exits_with(o.result, exit_code::device));
	EXPECT_NE(o.result.err.find("reading " + hanging.path() + " at 0x"), std::string::npos) << o.result.err;
	EXPECT_NE(o.result.err.find(good.path() + ": waits until the other targets"), std::string::npos)
		<< o.result.err;
	expect_done(o.target(1));
	EXPECT_TRUE(device_equals(good.path(), image.torrent.files, background::zeros));
}

TEST(shared_torrent, a_job_for_two_disks_that_was_stopped_goes_on)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const image = even_image(16 * mib);
	seeding_agent const seeder(image.torrent_path, image.source_path);
	loop_device const first(image.device_size);
	loop_device const second(image.device_size);
	beacon_listener const listener;
	auto job = job_for_two(image, first.path(), second.path(), {seeder.port()});
	job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
	for (auto& target : job["targets"])
	{
		target["existing"] = "verify";
	}
	auto slow = job;
	slow["swarm"]["download_limit"] = 2 * mib;
	child_process agent(run_command(image.dir, slow));
	auto const has_half = [](nlohmann::json const& beacon) {
		auto const targets = beacon.value("targets", nlohmann::json::array());
		return targets.size() == 2 && targets[1].value("done", std::uint64_t(0)) > 4 * mib;
	};
	ASSERT_TRUE(listener.wait_for(has_half, 60s)) << agent.err();
	agent.signal(SIGTERM);
	ASSERT_TRUE(exits_with(agent, exit_code::terminated, 60s));

	auto const o = run_to_report(image.dir, job);

	ASSERT_TRUE(exits_with(o.result, exit_code::done));
	EXPECT_TRUE(device_equals(first.path(), image.torrent.files, background::zeros));
	EXPECT_TRUE(device_equals(second.path(), image.torrent.files, background::zeros));
	EXPECT_LT(o.fetched(), 13 * mib);
}

// Disks of different sizes: on each the copy of the GPT goes to its own end.
TEST(shared_torrent, each_disk_gets_its_own_copy_of_the_gpt_and_serves_before)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("sfdisk");
	temp_dir const dir;
	auto const source = dir / "source.img";
	write_sparse_file(source, 8 * mib);
	run_sfdisk(source, "label: gpt\nsize=2M\n");
	ASSERT_TRUE(exits_with(run_rawswarm({"create", source, "-o", dir / "disk.torrent"}), exit_code::done));
	seeding_agent const seeder(dir / "disk.torrent", source);
	loop_device const first(16 * mib);
	loop_device const second(24 * mib);
	auto job = loopback_job({seeder.port()});
	job["verify"] = "readback";
	for (auto const* const disk : {&first, &second})
	{
		auto target = image_target(dir / "disk.torrent", disk->path());
		target["backup_gpt"] = "move";
		job["targets"].push_back(target);
	}
	ASSERT_TRUE(exits_with(run_job(dir, job), exit_code::done));
	EXPECT_EQ(read_at(first.path(), 16 * mib - 512, 8), "EFI PART");
	EXPECT_EQ(read_at(second.path(), 24 * mib - 512, 8), "EFI PART");
	EXPECT_TRUE(exits_with(run_rawswarm({"verify", dir / "job.json"}), exit_code::done));
}

} // namespace rawswarm::test
