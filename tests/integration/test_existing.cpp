// SPDX-License-Identifier: BSD-3-Clause
// "existing": "verify": pieces that are right on the device are kept, and only the rest is fetched.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/network/stock_client.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

namespace rawswarm::test
{

namespace
{

constexpr int piece_size = 256 * 1024;

// A stock client seeds, as it knows how much it has sent.
class existing : public ::testing::Test
{
protected:
	existing()
		: m_image(extent_layout{.count = 300}, {.piece_size = piece_size})
	{
		write_files(m_image.torrent, m_image.dir.path());
		m_seeder.seed(m_image.torrent, m_image.dir.path());
	}

	// A device that holds every extent, on a pattern.
	void fill(std::string const& device)
	{
		fill_with_pattern(device, m_image.device_size);
		for (auto const& extent : m_image.torrent.files)
		{
			write_at(device, extent.offset, extent.bytes);
		}
	}

	nlohmann::json job(std::string const& device, std::vector<std::uint16_t> const& peers) const
	{
		auto job = loopback_job(peers);
		auto target = image_target(m_image.torrent_path, device);
		target["existing"] = "verify";
		job["targets"].push_back(target);
		return job;
	}

	void expect_complete(std::string const& device) const
	{
		EXPECT_TRUE(device_equals(device, m_image.torrent.files, background::pattern));
	}

	prepared_image m_image;
	stock_client m_seeder;
};

} // namespace

TEST_F(existing, device_that_is_right_needs_no_peer)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	fill(device.path());
	EXPECT_TRUE(exits_with(run_job(m_image.dir, job(device.path(), {})), exit_code::done));
	expect_complete(device.path());
}

TEST_F(existing, device_that_is_right_fetches_nothing)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	fill(device.path());
	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(device.path(), {m_seeder.port()})), exit_code::done));
	EXPECT_EQ(m_seeder.uploaded(), 0);
}

// Of an image whose gaps are to be zeros: 4 MiB of data in 64 MiB.
class existing_gaps : public ::testing::Test
{
protected:
	static constexpr std::uint64_t size = 64 * 1024 * 1024;

	existing_gaps()
	{
		write_sparse_file(m_dir / "source.img", size);
		write_at(m_dir / "source.img", 16 * 1024 * 1024, random_bytes(5, 4 * 1024 * 1024));
		run_checked({std::getenv("RAWSWARM"), "create", "--skip-zeros", m_dir / "source.img", "-o",
			m_dir / "image.torrent"});
	}

	nlohmann::json job(std::string const& device, std::vector<std::uint16_t> const& peers) const
	{
		auto job = loopback_job(peers);
		auto target = image_target(m_dir / "image.torrent", device);
		target["existing"] = "verify";
		job["targets"].push_back(target);
		return job;
	}

	// Bytes that the kernel wrote to the device since it is there.
	static std::uint64_t written_to(std::string const& device)
	{
		std::istringstream in(
			read_file("/sys/class/block/" + device.substr(device.rfind('/') + 1) + "/stat"));
		std::uint64_t value = 0;
		for (int field = 0; field <= 6; ++field)
		{
			in >> value;
		}
		return value * 512;
	}

	temp_dir m_dir;
};

TEST_F(existing_gaps, that_are_zeros_already_are_not_written_again)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(size);
	write_at(device.path(), 0, read_file(m_dir / "source.img"));
	run_checked({"sync", device.path()});
	auto const before = written_to(device.path());
	EXPECT_TRUE(exits_with(run_job(m_dir, job(device.path(), {})), exit_code::done));
	EXPECT_LT(written_to(device.path()) - before, size / 16);
}

TEST_F(existing_gaps, with_other_bytes_are_zeros_in_the_end)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(size);
	write_at(device.path(), 0, read_file(m_dir / "source.img"));
	write_at(device.path(), 3 * 1024 * 1024 + 7, "x");
	write_at(device.path(), size - 1, "y");
	EXPECT_TRUE(exits_with(run_job(m_dir, job(device.path(), {})), exit_code::done));
	EXPECT_EQ(read_file(device.path()), read_file(m_dir / "source.img"));
}

TEST_F(existing_gaps, keep_what_is_in_them_as_long_as_there_is_nobody_to_fetch_from)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(size);
	write_at(device.path(), 40 * 1024 * 1024, "what was there before");
	auto alone = job(device.path(), {});
	alone["timeout_seconds"] = 2;
	EXPECT_TRUE(exits_with(run_job(m_dir, alone), exit_code::network));
	auto const kept = read_file(device.path());
	EXPECT_EQ(kept.compare(40 * 1024 * 1024, 21, "what was there before"), 0);
}

TEST_F(existing, one_wrong_byte_fetches_one_piece)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	fill(device.path());
	auto const& extent = m_image.torrent.files.at(150);
	write_at(device.path(), extent.offset + extent.bytes.size() / 2,
		std::string(1, static_cast<char>(~extent.bytes[extent.bytes.size() / 2])));

	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(device.path(), {m_seeder.port()})), exit_code::done));

	expect_complete(device.path());
	EXPECT_GE(m_seeder.uploaded(), 1);
	// A block may be requested twice at the end of a download.
	EXPECT_LE(m_seeder.uploaded(), 2 * piece_size);
}

TEST_F(existing, image_file_that_is_missing_is_fetched_whole)
{
	auto const target = m_image.dir / "target.img";
	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(target, {m_seeder.port()})), exit_code::done));
	EXPECT_TRUE(device_equals(target, m_image.torrent.files, background::zeros));
}

TEST_F(existing, discard_fetches_all_of_a_device_that_is_right)
{
	auto const target = m_image.dir / "target.img";
	write_file(target, read_file(m_image.source_path));
	auto all = job(target, {m_seeder.port()});
	all["targets"][0]["existing"] = "discard";
	ASSERT_TRUE(exits_with(run_job(m_image.dir, all), exit_code::done));
	EXPECT_GE(m_seeder.uploaded(), static_cast<std::int64_t>(total_size(m_image.torrent.files)));
}

// Pieces that were fetched before a stop are not fetched again.
TEST_F(existing, stopped_run_is_resumed_where_it_was)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	fill_with_pattern(device.path(), m_image.device_size);
	auto const total = static_cast<std::int64_t>(total_size(m_image.torrent.files));
	beacon_listener const listener;
	auto slow = job(device.path(), {m_seeder.port()});
	m_seeder.limit_upload(4 * 1024 * 1024);
	slow["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
	{
		child_process agent(run_command(m_image.dir, slow));
		ASSERT_TRUE(listener.wait_for(
			[&](nlohmann::json const& beacon) {
				auto const targets = beacon.value("targets", nlohmann::json::array());
				return !targets.empty() && targets.at(0).value("done", std::int64_t{0}) >= total / 2;
			},
			std::chrono::seconds(15)))
			<< agent.err();
		agent.signal(SIGTERM);
		ASSERT_TRUE(exits_with(agent, exit_code::terminated));
	}
	m_seeder.limit_upload(0);
	auto const before = m_seeder.uploaded();

	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(device.path(), {m_seeder.port()})), exit_code::done));

	expect_complete(device.path());
	EXPECT_LE(m_seeder.uploaded() - before, total / 2 + 2 * piece_size);
}

} // namespace rawswarm::test
