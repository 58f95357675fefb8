// SPDX-License-Identifier: BSD-3-Clause
// Jobs that both `run` and `check` must refuse before a byte is written.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/network/beacon_listener.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

struct refusal
{
	int code;
	std::vector<std::string> words; // each must be in the output
};

// Expects the job's text to be refused. `watched` is a device or file that must not change.
void expect_text_refused(
	temp_dir const& dir, std::string const& text, std::string const& watched, refusal const& expected)
{
	auto const path = dir / "refused.json";
	write_file(path, text);
	for (std::string const command : {"check", "run"})
	{
		SCOPED_TRACE(command);
		device_snapshot const before(watched);
		auto const result = run_rawswarm({command, path});
		EXPECT_TRUE(exits_with(result, expected.code));
		for (auto const& word : expected.words)
		{
			EXPECT_NE(result.err.find(word), std::string::npos) << word << " is not in:\n" << result.err;
		}
		EXPECT_EQ(device_snapshot(watched), before) << watched << " was written to";
	}
}

void expect_refused(
	temp_dir const& dir, nlohmann::json const& job, std::string const& watched, refusal const& expected)
{
	expect_text_refused(dir, job.dump(), watched, expected);
}

// A good job for an image file that exists, which each test then spoils in one place.
class refusals : public ::testing::Test
{
protected:
	refusals()
		: m_image(extent_layout{.count = 20})
		, m_target(m_image.dir / "target.img")
		, m_job(loopback_job())
	{
		write_sparse_file(m_target, m_image.device_size);
		fill_with_pattern(m_target, m_image.device_size);
		m_job["targets"].push_back(image_target(m_image.torrent_path, m_target));
	}

	void expect_manifest_refused(std::string const& pointer)
	{
		expect_refused(m_image.dir, m_job, m_target, {exit_code::refused, {pointer}});
	}

	// Replaces the good job's torrent.
	void expect_torrent_refused(std::string const& bytes, refusal const& expected)
	{
		write_file(m_image.torrent_path, bytes);
		expect_refused(m_image.dir, m_job, m_target, expected);
	}

	void expect_device_refused(std::string const& device, refusal const& expected)
	{
		m_job["targets"][0]["device"] = device;
		expect_refused(m_image.dir, m_job, device, expected);
	}

	prepared_image m_image;
	std::string m_target;
	nlohmann::json m_job;
};

} // namespace

TEST_F(refusals, the_job_that_the_others_spoil_passes_the_check)
{
	write_file(m_image.dir / "job.json", m_job.dump());
	device_snapshot const before(m_target);
	EXPECT_TRUE(exits_with(run_rawswarm({"check", m_image.dir / "job.json"}), exit_code::done));
	EXPECT_EQ(device_snapshot(m_target), before);
}

TEST_F(refusals, unknown_key_is_named_by_its_pointer)
{
	m_job["targets"][0]["colour"] = "red";
	expect_manifest_refused("/targets/0/colour");
}

TEST_F(refusals, wrong_type_is_named_by_its_pointer)
{
	m_job["swarm"]["lsd"] = "yes";
	expect_manifest_refused("/swarm/lsd");
}

TEST_F(refusals, number_out_of_range_is_named_by_its_pointer)
{
	m_job["seed_until"]["idle_seconds"] = -1;
	expect_manifest_refused("/seed_until/idle_seconds");
}

TEST_F(refusals, duplicate_key_is_named_by_its_pointer)
{
	auto text = m_job.dump();
	auto const once = "\"device\":" + nlohmann::json(m_target).dump();
	text.replace(text.find(once), once.size(), once + "," + once);
	expect_text_refused(m_image.dir, text, m_target, {exit_code::refused, {"/targets/0/device"}});
}

TEST_F(refusals, text_that_is_no_json)
{
	expect_text_refused(m_image.dir, "version: 1", m_target, {exit_code::refused, {"refused.json"}});
}

TEST_F(refusals, job_without_targets)
{
	m_job.erase("targets");
	expect_manifest_refused("targets");
}

TEST_F(refusals, pin_that_differs_from_the_torrent)
{
	std::string const pin(40, 'a');
	m_job["targets"][0]["info_hash"] = pin;
	expect_manifest_refused(m_image.torrent.info_hash);
}

TEST_F(refusals, torrent_with_a_name_that_is_no_offset)
{
	auto const bad = make_torrent({{.offset = 0, .bytes = random_bytes(1, 5000)},
		{.bytes = random_bytes(2, 5000), .name = "readme.txt"}});
	expect_torrent_refused(bad.bytes, {exit_code::refused, {"readme.txt"}});
}

TEST_F(refusals, torrent_with_extents_that_overlap)
{
	auto const bad = make_torrent({{.offset = 0x1000, .bytes = random_bytes(1, 5000)},
		{.offset = 0x2000, .bytes = random_bytes(2, 5000)}});
	expect_torrent_refused(bad.bytes, {exit_code::refused, {"2000"}});
}

TEST_F(refusals, torrent_with_two_spellings_of_one_offset)
{
	auto const bad = make_torrent({{.bytes = random_bytes(1, 5000), .name = "0x00001000"},
		{.bytes = random_bytes(2, 5000), .name = "1000"}});
	expect_torrent_refused(bad.bytes, {exit_code::refused, {"1000"}});
}

TEST_F(refusals, torrent_file_that_is_corrupt)
{
	expect_torrent_refused(m_image.torrent.bytes.substr(0, m_image.torrent.bytes.size() / 2),
		{exit_code::refused, {m_image.torrent_path}});
}

TEST_F(refusals, torrent_file_that_is_missing)
{
	std::filesystem::remove(m_image.torrent_path);
	expect_refused(m_image.dir, m_job, m_target, {exit_code::refused, {m_image.torrent_path}});
}

TEST_F(refusals, torrent_that_is_v2_only)
{
	auto const v2 = make_torrent(m_image.torrent.files, {.kind = torrent_kind::v2});
	expect_torrent_refused(v2.bytes, {exit_code::refused, {"v2"}});
}

TEST_F(refusals, second_target_is_refused_before_the_first_is_written)
{
	auto second = m_job["targets"][0];
	second["device"] = "/dev/rawswarm-test-missing";
	m_job["targets"].push_back(second);
	expect_refused(m_image.dir, m_job, m_target, {exit_code::target, {"/dev/rawswarm-test-missing"}});
}

TEST_F(refusals, device_that_the_last_extent_does_not_fit)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const size = end_of(m_image.torrent.files) / 512 * 512;
	loop_device const device(size);
	fill_with_pattern(device.path(), size);
	expect_device_refused(device.path(), {exit_code::target, {device.path(), std::to_string(size)}});
}

TEST_F(refusals, extent_far_past_the_end_of_the_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	fill_with_pattern(device.path(), m_image.device_size);
	auto const far = make_torrent({{.offset = 0, .bytes = random_bytes(1, 5000)},
		{.offset = std::uint64_t{1} << 45, .bytes = random_bytes(2, 5000)}});
	write_file(m_image.torrent_path, far.bytes);
	expect_device_refused(device.path(), {exit_code::target, {device.path()}});
}

TEST_F(refusals, device_that_is_mounted_is_named_with_its_mount_point)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size + 8 * mib);
	run_checked({"mkfs.ext4", "-q", device.path()});
	scoped_mount const mount(device.path(), "ext4", {}, true);
	expect_device_refused(device.path(), {exit_code::target, {device.path(), mount.path()}});
}

TEST_F(refusals, device_that_is_read_only)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_target, {.read_only = true});
	expect_device_refused(device.path(), {exit_code::target, {device.path(), "read-only"}});
}

TEST_F(refusals, device_that_is_missing_does_not_become_a_file)
{
	std::string const missing = "/dev/rawswarm-test-missing";
	std::filesystem::remove(missing);
	m_job["targets"][0]["device"] = missing;
	expect_refused(m_image.dir, m_job, m_target, {exit_code::target, {missing}});
	EXPECT_FALSE(std::filesystem::exists(missing));
	std::filesystem::remove(missing);
}

TEST_F(refusals, device_that_another_program_holds)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	fill_with_pattern(device.path(), m_image.device_size);
	// The other program is an agent that waits for a peer that never comes.
	beacon_listener const listener;
	m_job["targets"][0]["device"] = device.path();
	m_job["beacon"] = {{"to", {listener.address()}}, {"interval_ms", 100}};
	child_process holder(run_command(m_image.dir, m_job));
	ASSERT_TRUE(listener.wait_for_state("downloading", std::chrono::seconds(10))) << holder.err();
	m_job.erase("beacon");
	expect_device_refused(device.path(), {exit_code::target, {device.path()}});
	EXPECT_TRUE(holder.running());
}

} // namespace rawswarm::test
