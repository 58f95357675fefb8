// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm create --compress`: the file that it writes is what zstd unpacks to the torrent's payload, and is
// served, verified and checked like a raw image.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

using json = nlohmann::json;

constexpr std::size_t mib = std::size_t(1024) * 1024;
constexpr std::size_t block_bytes = std::size_t(16) * 1024;

// Text, random bytes, and a gap of zeros; the last block is not whole.
std::string some_content()
{
	std::string text;
	while (text.size() < 2 * mib)
	{
		text += "file number " + std::to_string(text.size()) + "\n";
	}
	return text + random_bytes(1, mib) + std::string(3 * mib, '\0') + random_bytes(2, 70'000)
		+ text.substr(0, 5000);
}

class compressed_images : public ::testing::Test
{
protected:
	compressed_images() { write_file(m_dir / "disk.img", m_content); }

	run_result create(std::vector<std::string> const& options)
	{
		std::vector<std::string> arguments{"create", m_dir / "disk.img", "-o", m_dir / "disk.torrent"};
		arguments.insert(arguments.end(), options.begin(), options.end());
		return run_rawswarm(arguments);
	}

	// Images a file from a seeder that serves disk.zst.
	void expect_imaged() { expect_imaged_from(seeding_agent(m_dir / "disk.torrent", m_dir / "disk.zst")); }

	void expect_imaged_from(seeding_agent const& seeder)
	{
		write_file(m_dir / "target.img", std::string(m_content.size(), '\xff'));
		auto job = loopback_job({seeder.port()});
		job["targets"].push_back(image_target(m_dir / "disk.torrent", m_dir / "target.img"));
		ASSERT_TRUE(exits_with(run_job(m_dir, job), exit_code::done));
		EXPECT_TRUE(read_file(m_dir / "target.img") == m_content) << "the target differs";
	}

	struct checked_blocks
	{
		std::int64_t sealed = 0;
		std::int64_t hashed = 0;
	};

	// How a seeder of the source checked the pieces that it sent to a client, which got all of them.
	checked_blocks checks_of(std::string const& source, std::vector<std::string> options = {})
	{
		options.insert(options.end(), {"--socket", m_dir / "socket"});
		seeding_agent const seeder(m_dir / "disk.torrent", m_dir / source, options);
		expect_imaged_from(seeder);
		auto const asked = run_rawswarm({"status", "--json", "--socket", m_dir / "socket"});
		EXPECT_TRUE(exits_with(asked, exit_code::done));
		auto const storage = json::parse(asked.out).at("agents").at(0).at("storage");
		return {storage.at("sealed"), storage.at("hashed")};
	}

	temp_dir m_dir;
	std::string m_content = some_content();
};

TEST_F(compressed_images, zstd_unpacks_them_to_the_payload)
{
	SKIP_WITHOUT("zstd");
	ASSERT_TRUE(exits_with(create({"--compress"}), exit_code::done));
	ASSERT_TRUE(exits_with(run({"zstd", "-q", "-d", m_dir / "disk.zst", "-o", m_dir / "unpacked"}), 0));
	EXPECT_TRUE(read_file(m_dir / "unpacked") == m_content) << "zstd -d gives other bytes";
}

// All but what it says of the frames, which stands behind the info dictionary.
TEST_F(compressed_images, torrent_is_that_of_the_raw_image_at_every_level)
{
	ASSERT_TRUE(exits_with(create({}), exit_code::done));
	auto const without_frames = [this] {
		auto const torrent = read_file(m_dir / "disk.torrent");
		return torrent.substr(
			0, std::min(torrent.find("15:rawswarm frames"), torrent.find("14:rawswarm seals")));
	};
	auto const torrent = without_frames();
	std::vector<std::string> images;
	for (auto const* const level : {"--compress=1", "--compress=19"})
	{
		ASSERT_TRUE(exits_with(create({level}), exit_code::done));
		EXPECT_EQ(without_frames(), torrent);
		images.push_back(read_file(m_dir / "disk.zst"));
		EXPECT_LT(images.back().size(), m_content.size() / 3);
	}
	EXPECT_TRUE(images[0] != images[1]) << "the level makes no difference";
}

TEST_F(compressed_images, same_source_gives_the_same_file)
{
	ASSERT_TRUE(exits_with(create({"--compress", "--threads", "1"}), exit_code::done));
	auto const first = read_file(m_dir / "disk.zst");
	ASSERT_TRUE(exits_with(create({"--compress", "--threads", "7"}), exit_code::done));
	EXPECT_TRUE(read_file(m_dir / "disk.zst") == first) << "another number of threads gives another file";
}

TEST_F(compressed_images, are_served_like_raw_ones)
{
	ASSERT_TRUE(exits_with(create({"--compress"}), exit_code::done));
	expect_imaged();
}

TEST_F(compressed_images, and_raw_ones_are_checked_by_their_seals_unless_all_is_to_be_hashed)
{
	ASSERT_TRUE(exits_with(create({"--compress"}), exit_code::done));
	auto const blocks = static_cast<std::int64_t>((m_content.size() + block_bytes - 1) / block_bytes);
	for (auto const* const source : {"disk.img", "disk.zst"})
	{
		auto const by_seals = checks_of(source);
		EXPECT_EQ(by_seals.sealed, blocks) << source;
		EXPECT_EQ(by_seals.hashed, 0) << source;
		EXPECT_EQ(checks_of(source, {"--verify"}).sealed, 0) << source;
	}
}

// The raw image is as it was; the other one has other frames.
TEST_F(compressed_images, one_that_was_compressed_anew_is_hashed_and_served)
{
	ASSERT_TRUE(exits_with(create({"--compress"}), exit_code::done));
	auto const torrent = read_file(m_dir / "disk.torrent");
	ASSERT_TRUE(exits_with(create({"--compress=1"}), exit_code::done));
	write_file(m_dir / "disk.torrent", torrent);
	EXPECT_GT(checks_of("disk.zst").hashed, 0);
}

TEST_F(compressed_images, without_zeros_are_served_too)
{
	ASSERT_TRUE(exits_with(create({"--compress", "--skip-zeros", "--piece-size", "64K"}), exit_code::done));
	expect_imaged();
}

TEST_F(compressed_images, are_verified_and_checked)
{
	ASSERT_TRUE(exits_with(create({"--compress", "--skip-zeros"}), exit_code::done));
	std::vector<std::string> const image{"--torrent", m_dir / "disk.torrent", "--device", m_dir / "disk.zst"};
	auto arguments = image;
	arguments.insert(arguments.begin(), "verify");
	EXPECT_TRUE(exits_with(run_rawswarm(arguments), exit_code::done));

	auto job = loopback_job();
	job["targets"].push_back(image_target(m_dir / "disk.torrent", m_dir / "disk.zst"));
	job["targets"][0]["role"] = "seed";
	write_file(m_dir / "job.json", job.dump());
	EXPECT_TRUE(exits_with(run_rawswarm({"check", m_dir / "job.json"}), exit_code::done));
}

TEST_F(compressed_images, summary_names_file_and_ratio)
{
	auto const text = create({"--compress"});
	ASSERT_TRUE(exits_with(text, exit_code::done));
	EXPECT_NE(text.out.find("disk.zst: "), std::string::npos) << text.out;
	EXPECT_NE(text.out.find(" times smaller"), std::string::npos) << text.out;

	auto const made = create({"--compress", "--json"});
	ASSERT_TRUE(exits_with(made, exit_code::done));
	auto const summary = json::parse(made.out);
	EXPECT_EQ(summary.at("image"), m_dir / "disk.zst");
	EXPECT_EQ(summary.at("image_size"), std::filesystem::file_size(m_dir / "disk.zst"));
}

TEST_F(compressed_images, damaged_one_is_named_and_its_bytes_are_not_sent)
{
	ASSERT_TRUE(exits_with(create({"--compress"}), exit_code::done));
	auto bytes = read_file(m_dir / "disk.zst");
	bytes[bytes.size() / 2] = static_cast<char>(~bytes[bytes.size() / 2]); // in the random bytes
	write_file(m_dir / "disk.zst", bytes);
	auto const result =
		run_rawswarm({"verify", "--torrent", m_dir / "disk.torrent", "--device", m_dir / "disk.zst"});
	EXPECT_TRUE(exits_with(result, exit_code::device));
	EXPECT_NE(result.err.find("disk.zst at 0x"), std::string::npos) << result.err;
	EXPECT_NE(result.err.find("the frame is damaged"), std::string::npos) << result.err;
}

TEST_F(compressed_images, one_that_was_cut_off_or_belongs_to_another_torrent_is_refused)
{
	ASSERT_TRUE(exits_with(create({"--compress"}), exit_code::done));
	auto const whole = read_file(m_dir / "disk.zst");
	auto const seed = [&] { return run_rawswarm({"seed", m_dir / "disk.torrent", m_dir / "disk.zst"}); };

	write_file(m_dir / "disk.zst", whole.substr(0, whole.size() / 2));
	auto const cut = seed();
	EXPECT_TRUE(exits_with(cut, exit_code::target));
	EXPECT_NE(cut.err.find("compressed by zstd, without a seek table: cut off"), std::string::npos)
		<< cut.err;

	write_file(m_dir / "disk.zst", whole.substr(0, 100) + whole);
	auto const longer = seed();
	EXPECT_TRUE(exits_with(longer, exit_code::target));
	EXPECT_NE(longer.err.find("its seek table lists frames of"), std::string::npos) << longer.err;

	write_file(m_dir / "disk.zst", whole);
	write_file(m_dir / "disk.img", m_content.substr(mib));
	ASSERT_TRUE(exits_with(create({}), exit_code::done));
	auto const other = seed();
	EXPECT_TRUE(exits_with(other, exit_code::target));
	EXPECT_NE(other.err.find(fmt::format(
				  "disk.zst: it holds {} bytes, the torrent {}", m_content.size(), m_content.size() - mib)),
		std::string::npos)
		<< other.err;
}

TEST_F(compressed_images, wrong_level_is_refused_and_nothing_is_left)
{
	for (auto const* const level : {"--compress=0", "--compress=20", "--compress=x"})
	{
		EXPECT_TRUE(exits_with(create({level}), exit_code::usage)) << level;
	}
	EXPECT_FALSE(std::filesystem::exists(m_dir / "disk.zst"));
	EXPECT_FALSE(std::filesystem::exists(m_dir / "disk.torrent"));
}

TEST_F(compressed_images, path_that_is_no_file_is_refused)
{
	std::filesystem::create_directory(m_dir / "disk.zst");
	auto const result = create({"--compress"});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("disk.zst: there is something there that is not a file"), std::string::npos)
		<< result.err;
	EXPECT_FALSE(std::filesystem::exists(m_dir / "disk.torrent"));
}

TEST_F(compressed_images, full_file_system_ends_create_and_leaves_nothing)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	scoped_tmpfs const full(mib);
	auto const result =
		run_rawswarm({"create", "--compress", m_dir / "disk.img", "-o", full / "disk.torrent"});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("disk.zst: No space left on device"), std::string::npos) << result.err;
	EXPECT_TRUE(std::filesystem::is_empty(full / ""));
}

} // namespace

} // namespace rawswarm::test
