// SPDX-License-Identifier: BSD-3-Clause
// A device that fails during the download ends the target: exit code 5, the offset in the message, and no
// beacon that says done.
#include "tests/support/base/count_of.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

bool has_beacon_in_state(std::vector<received_beacon> const& beacons, std::string const& state)
{
	for (auto const& beacon : beacons)
	{
		if (beacon.json.value("state", "") == state)
		{
			return true;
		}
		for (auto const& target : beacon.json.value("targets", nlohmann::json::array()))
		{
			if (target.value("state", "") == state)
			{
				return true;
			}
		}
	}
	return false;
}

// 40 MiB in extents of whole pages, as file systems make them; more than fits on the file systems below.
std::vector<torrent_file> even_extents()
{
	std::vector<torrent_file> files;
	for (std::uint64_t i = 0; i < 10; ++i)
	{
		torrent_file file;
		file.offset = i * 5 * mib;
		file.bytes = random_bytes(i, 4 * mib);
		files.push_back(std::move(file));
	}
	return files;
}

class failing_device : public ::testing::Test
{
protected:
	explicit failing_device(std::vector<torrent_file> files = even_extents())
		: m_image(std::move(files))
		, m_seeder(m_image.torrent_path, m_image.source_path)
	{}

	// Expects what every failure of a device must look like from outside. Returns the error's text.
	std::string expect_failure(std::string const& device)
	{
		auto job = loopback_job({m_seeder.port()});
		job["beacon"] = {{"to", {m_listener.address()}}, {"interval_ms", 100}};
		job["targets"].push_back(image_target(m_image.torrent_path, device));
		auto const result = run_job(m_image.dir, job);
		EXPECT_TRUE(exits_with(result, exit_code::device));
		EXPECT_NE(result.err.find(device), std::string::npos) << result.err;
		return expect_failed_beacons(device);
	}

private:
	std::string expect_failed_beacons(std::string const& device)
	{
		EXPECT_TRUE(m_listener.wait_for_state("failed", std::chrono::seconds(5)));
		auto const beacons = m_listener.beacons();
		EXPECT_FALSE(has_beacon_in_state(beacons, "done"));
		if (beacons.size() < 3)
		{
			ADD_FAILURE() << "only " << beacons.size() << " beacons";
			return {};
		}
		for (auto at = beacons.end() - 3; at != beacons.end(); ++at)
		{
			EXPECT_EQ(at->json.value("state", ""), "failed") << at->text;
		}
		auto const error = beacons.back().json.value("error", nlohmann::json::object());
		EXPECT_EQ(error.value("code", 0), exit_code::device) << beacons.back().text;
		auto const text = error.value("text", "");
		EXPECT_NE(text.find(device), std::string::npos) << text;
		return text;
	}

protected:
	prepared_image m_image;
	seeding_agent m_seeder;
	beacon_listener m_listener;
};

// The same amount in extents that begin and end anywhere.
class failing_device_with_uneven_extents : public failing_device
{
protected:
	failing_device_with_uneven_extents()
		: failing_device(scattered_extents({.count = 160, .smallest = 200 * 1024, .largest = 300 * 1024}))
	{}
};

} // namespace

TEST_F(failing_device, loop_device_whose_file_system_runs_full_ends_with_the_place_in_the_message)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	scoped_tmpfs const full(16 * mib);
	write_sparse_file(full / "backing", m_image.device_size);
	loop_device const device(full / "backing");

	auto const text = expect_failure(device.path());

	EXPECT_NE(text.find(" at 0x"), std::string::npos) << text;
}

// The kernel takes such writes into its cache; only the sync reports that they were lost.
TEST_F(failing_device_with_uneven_extents, loop_device_whose_file_system_runs_full_ends_with_a_device_error)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	scoped_tmpfs const full(16 * mib);
	write_sparse_file(full / "backing", m_image.device_size);
	loop_device const device(full / "backing");

	expect_failure(device.path());
}

TEST_F(failing_device, image_file_whose_file_system_runs_full_ends_with_the_place_in_the_message)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	scoped_tmpfs const full(16 * mib);

	auto const text = expect_failure(full / "target.img");

	EXPECT_NE(text.find(" at 0x"), std::string::npos) << text;
}

// As a disk with pending sectors: its end can no longer be read, but it can be written.
TEST_F(failing_device, existing_sectors_that_cannot_be_read_are_written_anew)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	auto const backing = dir / "backing";
	auto const end = end_of(m_image.torrent.files);
	write_file(backing, read_file(m_image.source_path).substr(0, end));
	loop_device const device(backing);
	std::filesystem::resize_file(backing, end * 3 / 4);
	auto job = loopback_job({m_seeder.port()});
	auto target = image_target(m_image.torrent_path, device.path());
	target["existing"] = "verify";
	job["targets"].push_back(target);
	job["verify"] = "readback";

	auto const result = run_job(m_image.dir, job);

	EXPECT_TRUE(exits_with(result, exit_code::done));
	EXPECT_NE(result.err.find("cannot be read"), std::string::npos) << result.err;
	EXPECT_TRUE(device_equals(device.path(), m_image.torrent.files, background::zeros));
}

TEST_F(failing_device, write_error_is_one_line_that_names_the_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	scoped_tmpfs const full(16 * mib);
	write_sparse_file(full / "backing", m_image.device_size);
	loop_device const device(full / "backing");
	auto job = loopback_job({m_seeder.port()});
	job["targets"].push_back(image_target(m_image.torrent_path, device.path()));

	auto const result = run_job(m_image.dir, job);

	EXPECT_TRUE(exits_with(result, exit_code::device));
	EXPECT_EQ(result.err.find("/target-"), std::string::npos) << result.err;
	EXPECT_EQ(count_of(result.err, "error: "), 1U) << result.err;
}

// The backing file was truncated: its end can no longer be read.
TEST_F(failing_device, device_that_cannot_be_read_ends_with_the_place_in_the_message)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	auto const backing = dir / "backing";
	write_file(backing, read_file(m_image.source_path));
	loop_device const device(backing);
	std::filesystem::resize_file(backing, m_image.device_size / 2);

	auto const result =
		run_rawswarm({"verify", "--torrent", m_image.torrent_path, "--device", device.path()});

	EXPECT_TRUE(exits_with(result, exit_code::device));
	EXPECT_NE(result.err.find("reading " + device.path() + " at 0x"), std::string::npos) << result.err;
}

} // namespace rawswarm::test
