// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm create`, then `seed`, then `run`: the target becomes what the source was.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <libtorrent/load_torrent.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;

// Data, then a long hole with data at odd offsets and an incomplete last block.
std::string mixed_source()
{
	std::string bytes(24 * mib, '\0');
	for (std::size_t const at : {std::size_t{0}, std::size_t{5 * mib + 777}, std::size_t{13 * mib}})
	{
		auto const data = random_bytes(at, mib + 12345);
		bytes.replace(at, data.size(), data);
	}
	return bytes + random_bytes(9, 512);
}

// Runs `rawswarm create`, which must succeed.
void run_create(
	std::string const& source, std::string const& torrent, std::vector<std::string> const& options)
{
	std::vector<std::string> arguments{"create", source, "-o", torrent};
	arguments.insert(arguments.end(), options.begin(), options.end());
	ASSERT_TRUE(exits_with(run_rawswarm(arguments), exit_code::done));
}

std::int64_t size_in_torrent(std::string const& torrent)
{
	return lt::load_torrent_file(torrent).ti->total_size();
}

::testing::AssertionResult contains(std::string const& text, std::string const& part)
{
	return text.find(part) == std::string::npos
		? ::testing::AssertionFailure() << "no \"" << part << "\" in: " << text
		: ::testing::AssertionSuccess();
}

void expect_round_trip(std::vector<std::string> const& options, bool zeros_left_out)
{
	temp_dir const dir;
	auto const content = mixed_source();
	write_file(dir / "source.img", content);
	run_create(dir / "source.img", dir / "disk.torrent", options);
	ASSERT_FALSE(::testing::Test::HasFatalFailure());
	auto const size = size_in_torrent(dir / "disk.torrent");
	EXPECT_EQ(size < static_cast<std::int64_t>(content.size()) / 4, zeros_left_out) << size;

	seeding_agent const seeder(dir / "disk.torrent", dir / "source.img");
	write_sparse_file(dir / "backing", content.size());
	loop_device const device(dir / "backing");
	fill_with_pattern(device.path(), content.size());
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(dir / "disk.torrent", device.path()));
	ASSERT_TRUE(exits_with(run_job(dir, job), exit_code::done));

	EXPECT_TRUE(content_equals(device.path(), content));
}

} // namespace

TEST(create, torrent_of_an_image_file_brings_every_byte_to_the_target)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	expect_round_trip({}, false);
}

TEST(create, zeros_that_were_left_out_are_zeros_on_a_target_that_held_garbage)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	expect_round_trip({"--skip-zeros"}, true);
}

TEST(create, torrent_of_a_block_device_brings_every_byte_to_the_target)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	auto const content = random_bytes(5, 6 * mib);
	write_file(dir / "source.img", content);
	loop_device const source(dir / "source.img");
	run_create(source.path(), dir / "disk.torrent", {});
	ASSERT_FALSE(::testing::Test::HasFatalFailure());
	seeding_agent const seeder(dir / "disk.torrent", source.path());
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(dir / "disk.torrent", dir / "target.img"));

	ASSERT_TRUE(exits_with(run_job(dir, job), exit_code::done));

	EXPECT_TRUE(content_equals(dir / "target.img", content));
}

TEST(create, job_that_it_writes_runs_as_it_is)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	auto const content = random_bytes(5, 6 * mib);
	write_file(dir / "backing", content);
	loop_device const disk(dir / "backing");
	std::filesystem::create_directory(dir / "jobs");
	run_create(disk.path(), dir / "disk.torrent", {"--job", dir / "jobs/lab.json"});
	ASSERT_FALSE(::testing::Test::HasFatalFailure());
	auto const job = nlohmann::json::parse(read_file(dir / "jobs/lab.json"));
	EXPECT_EQ(job["targets"][0]["torrent"], "../disk.torrent");
	EXPECT_EQ(job["targets"][0]["device"], disk.path());
	std::filesystem::copy_file(dir / "backing", dir / "source.img");
	fill_with_pattern(disk.path(), content.size());

	seeding_agent const seeder(dir / "disk.torrent", dir / "source.img");
	ASSERT_TRUE(exits_with(
		run_rawswarm({"run", dir / "jobs/lab.json", "--peer", "127.0.0.1:" + std::to_string(seeder.port()),
			"--listen", "127.0.0.1:0", "--no-lsd", "--seed-seconds", "0"}),
		exit_code::done));

	EXPECT_TRUE(content_equals(disk.path(), content));
}

TEST(create, job_for_an_image_file_takes_a_disk_that_is_large_enough_and_no_other)
{
	temp_dir const dir;
	write_file(dir / "source.img", random_bytes(5, 6 * mib));
	run_create(dir / "source.img", dir / "disk.torrent", {"--job", dir / "lab.json"});
	ASSERT_FALSE(::testing::Test::HasFatalFailure());
	auto const job = nlohmann::json::parse(read_file(dir / "lab.json"));
	EXPECT_EQ(job["targets"][0]["device"], (nlohmann::json{{"removable", false}, {"min_size", 6 * mib}}));
	auto torrent = read_file(dir / "disk.torrent");
	torrent.replace(torrent.find("6:pieces") + 20, 1, "x");
	write_file(dir / "disk.torrent", torrent);
	auto const checked = run_rawswarm({"check", dir / "lab.json"});
	EXPECT_TRUE(exits_with(checked, exit_code::refused)) << "the info-hash is pinned";
}

TEST(create, same_source_gives_the_same_torrent)
{
	temp_dir const dir;
	write_file(dir / "source.img", mixed_source());
	run_create(dir / "source.img", dir / "a.torrent", {"--skip-zeros"});
	run_create(dir / "source.img", dir / "b.torrent", {"--skip-zeros"});
	ASSERT_FALSE(::testing::Test::HasFatalFailure());
	EXPECT_EQ(read_file(dir / "a.torrent"), read_file(dir / "b.torrent"));
}

TEST(create, container_of_a_disk_is_refused_with_what_to_do_and_taken_with_raw)
{
	temp_dir const dir;
	auto const refused = [&dir](std::string const& name, std::string const& content) {
		write_file(dir / name, content);
		auto const result = run_rawswarm({"create", dir / name, "-o", dir / "disk.torrent"});
		EXPECT_TRUE(exits_with(result, exit_code::target));
		EXPECT_FALSE(std::filesystem::exists(dir / "disk.torrent"));
		return result.err;
	};
	std::string const rest(128 * 1024, 'x');
	EXPECT_TRUE(contains(refused("disk.qcow2", "QFI\xfb" + rest), "disk.qcow2: it is a qcow2 image"));
	EXPECT_TRUE(contains(refused("disk.qcow2", "QFI\xfb" + rest), "qemu-img convert -O raw"));
	EXPECT_TRUE(contains(refused("disk.img.zst", "\x28\xb5\x2f\xfd" + rest), "zstd -d"));
	EXPECT_TRUE(contains(refused("disk.torrent.img", "d8:announce4:http" + rest), "it is a torrent"));
	EXPECT_TRUE(contains(refused("tiny.gz", "\x1f\x8b\x08"), "gzip -d"));

	run_create(dir / "disk.qcow2", dir / "disk.torrent", {"--raw"});
	EXPECT_EQ(size_in_torrent(dir / "disk.torrent"), static_cast<std::int64_t>(rest.size() + 4));
}

// As oVirt and others keep images on logical volumes.
TEST(create, container_on_a_block_device_is_refused_as_in_a_file)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	temp_dir const dir;
	write_file(dir / "backing", "QFI\xfb" + std::string(mib - 4, 'x'));
	loop_device const device(dir / "backing");
	auto const result = run_rawswarm({"create", device.path(), "-o", dir / "disk.torrent"});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_TRUE(contains(result.err, "it is a qcow2 image"));
}

TEST(create, source_that_is_missing_leaves_no_torrent)
{
	temp_dir const dir;
	auto const result = run_rawswarm({"create", dir / "missing.img", "-o", dir / "disk.torrent"});
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("missing.img"), std::string::npos) << result.err;
	EXPECT_FALSE(std::filesystem::exists(dir / "disk.torrent"));
}

TEST(create, a_tracker_is_judged_as_in_a_job)
{
	temp_dir const dir;
	write_file(dir / "source.img", random_bytes(1, 100'000));
	std::vector<std::string> const command{
		"create", dir / "source.img", "-o", dir / "disk.torrent", "--tracker"};
	auto const with_tracker = [&](char const* const url) {
		auto arguments = command;
		arguments.emplace_back(url);
		return run_rawswarm(arguments);
	};
	auto const refused = with_tracker("http://");
	EXPECT_TRUE(exits_with(refused, exit_code::usage));
	EXPECT_NE(refused.err.find("--tracker: must be an http, https or udp URL"), std::string::npos)
		<< refused.err;
	EXPECT_FALSE(std::filesystem::exists(dir / "disk.torrent"));

	EXPECT_TRUE(exits_with(with_tracker("HTTP://t.example/announce"), exit_code::done));
	EXPECT_NE(read_file(dir / "disk.torrent").find("http://t.example/announce"), std::string::npos);
}

} // namespace rawswarm::test
