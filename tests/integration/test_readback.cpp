// SPDX-License-Identifier: BSD-3-Clause
// "verify": "readback" and `rawswarm verify`: the bytes that can be read from the device decide.
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#define SKIP_WITHOUT_FUSE() \
	if (!fuse_available()) \
	GTEST_SKIP() << "no FUSE"

namespace rawswarm::test
{

namespace
{

// Keeps all that is written, with one bit flipped.
class flipped_bit final : public fuse_behaviour
{
public:
	flipped_bit(std::uint64_t place, bool with_cache)
		: m_place(place)
	{
		cached = with_cache;
	}

	void on_written(std::uint64_t const offset, std::span<char> const kept) override
	{
		if (offset <= m_place && m_place - offset < kept.size())
		{
			kept[m_place - offset] = static_cast<char>(kept[m_place - offset] ^ 0x10);
		}
	}

private:
	std::uint64_t m_place;
};

class readback : public ::testing::Test
{
protected:
	readback()
		: m_image(extent_layout{.count = 100}, {.piece_size = 64 * 1024})
		, m_seeder(m_image.torrent_path, m_image.source_path)
	{}

	// Somewhere in the middle.
	std::uint64_t wrong_place() const { return m_image.torrent.files.at(50).offset; }

	nlohmann::json job(std::string const& device, std::string const& verify) const
	{
		auto job = loopback_job({m_seeder.port()});
		job["targets"].push_back(image_target(m_image.torrent_path, device));
		job["verify"] = verify;
		return job;
	}

	run_result verify(std::string const& device) const
	{
		return run_rawswarm({"verify", "--torrent", m_image.torrent_path, "--device", device});
	}

	static void expect_caught(run_result const& result, std::string const& device)
	{
		EXPECT_TRUE(exits_with(result, exit_code::verification));
		EXPECT_NE(result.err.find("verifying " + device + ": 1 of "), std::string::npos) << result.err;
	}

	prepared_image m_image;
	seeding_agent m_seeder;
};

} // namespace

TEST_F(readback, device_that_keeps_what_is_written_passes)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	auto const file = m_image.dir / "job.json";
	write_file(file, job(device.path(), "readback").dump());
	auto const result = run_rawswarm({"run", file, "--json"});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	auto const phases = nlohmann::json::parse(result.out)["targets"][0]["phases"];
	EXPECT_TRUE(std::ranges::any_of(phases, [](auto const& p) { return p["state"] == "verifying"; }))
		<< phases;
	EXPECT_TRUE(device_equals(device.path(), m_image.torrent.files, background::zeros));
}

// The right bytes are still in the page cache above it, so only a readback sees the flipped bit.
TEST_F(readback, file_whose_disk_kept_other_bytes_fails_although_the_cache_has_the_right_ones)
{
	SKIP_WITHOUT_FUSE();
	flipped_bit behaviour(wrong_place(), true);
	fuse_disk const disk(m_image.device_size, behaviour);
	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(disk.file(), "none")), exit_code::done));
	expect_caught(run_job(m_image.dir, job(disk.file(), "readback")), disk.file());
}

TEST_F(readback, device_whose_disk_kept_other_bytes_fails)
{
	SKIP_WITHOUT_FUSE();
	SKIP_WITHOUT_LOOP_DEVICES();
	flipped_bit behaviour(wrong_place(), false);
	fuse_disk const disk(m_image.device_size, behaviour);
	loop_device const device(disk.file());
	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(device.path(), "none")), exit_code::done));
	auto const result = run_job(m_image.dir, job(device.path(), "readback"));
	expect_caught(result, device.path());
	EXPECT_NE(result.err.find("rawswarm: failed: verifying"), std::string::npos) << result.err;
}

TEST_F(readback, verify_passes_a_device_that_is_right_even_while_it_is_mounted_and_changes_nothing)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const source = m_image.dir / "fs.img";
	write_sparse_file(source, 8 * 1024 * 1024);
	run_checked({"mkfs.ext2", "-q", source});
	auto const torrent = m_image.dir / "fs.torrent";
	ASSERT_TRUE(exits_with(run_rawswarm({"create", "--skip-zeros", source, "-o", torrent}), 0));
	loop_device const device(source, {.read_only = true});
	scoped_mount const mount(device.path(), "ext2", {}, true);
	device_snapshot const before(device.path());
	auto const result = run_rawswarm({"verify", "--torrent", torrent, "--device", device.path()});
	EXPECT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(device_snapshot(device.path()), before);
}

TEST_F(readback, verify_names_how_much_differs_and_where)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const device(m_image.device_size);
	ASSERT_TRUE(exits_with(run_job(m_image.dir, job(device.path(), "none")), exit_code::done));
	ASSERT_TRUE(exits_with(verify(device.path()), exit_code::done));
	auto const& extent = m_image.torrent.files.at(50);
	write_at(device.path(), extent.offset, std::string(1, static_cast<char>(~extent.bytes[0])));
	expect_caught(verify(device.path()), device.path());
}

// The torrent says that these bytes were zeros in the source.
TEST_F(readback, verify_finds_bytes_in_gaps_that_must_be_zeros)
{
	auto const source = m_image.dir / "source2.img";
	write_file(source, std::string(4096, 'a'));
	std::filesystem::resize_file(source, 8 * 1024 * 1024);
	auto const torrent = m_image.dir / "gaps.torrent";
	ASSERT_TRUE(exits_with(run_rawswarm({"create", "--skip-zeros", source, "-o", torrent}), 0));
	std::vector<std::string> const command{"verify", "--torrent", torrent, "--device", source};
	ASSERT_TRUE(exits_with(run_rawswarm(command), exit_code::done));
	write_at(source, 5'000'000, "x");
	auto const result = run_rawswarm(command);
	EXPECT_TRUE(exits_with(result, exit_code::verification));
	EXPECT_NE(result.err.find("must be zeros"), std::string::npos) << result.err;
	EXPECT_NE(result.err.find("0x4c4b40"), std::string::npos) << result.err;
}

TEST_F(readback, verify_of_several_targets_looks_at_all_and_reports_each_as_json)
{
	auto const right = m_image.dir / "right.img";
	write_file(right, read_file(m_image.source_path));
	auto const other = make_torrent({{.offset = 0, .bytes = std::string(100'000, 'o')}});
	write_file(m_image.dir / "other.torrent", other.bytes);
	write_file(m_image.dir / "wrong.img", std::string(100'000, 'w'));
	auto job = loopback_job();
	job["targets"] = {image_target(m_image.dir / "other.torrent", m_image.dir / "wrong.img"),
		image_target(m_image.torrent_path, right)};
	write_file(m_image.dir / "job.json", job.dump());
	auto const result = run_rawswarm({"verify", "--json", m_image.dir / "job.json"});
	EXPECT_TRUE(exits_with(result, exit_code::verification));
	auto const report = nlohmann::json::parse(result.out);
	EXPECT_EQ(report["version"], 1);
	EXPECT_EQ(report["exit_code"], exit_code::verification);
	EXPECT_EQ(report["targets"][0]["state"], "failed");
	EXPECT_EQ(report["targets"][1]["state"], "done");
}

TEST_F(readback, verify_of_a_device_that_is_too_small_or_missing_is_refused)
{
	write_file(m_image.dir / "short.img", "short");
	EXPECT_TRUE(exits_with(verify(m_image.dir / "short.img"), exit_code::target));
	EXPECT_TRUE(exits_with(verify(m_image.dir / "missing.img"), exit_code::target));
	EXPECT_FALSE(std::filesystem::exists(m_image.dir / "missing.img"));
}

} // namespace rawswarm::test
