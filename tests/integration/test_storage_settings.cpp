// SPDX-License-Identifier: BSD-3-Clause
// The settings of "storage" in a job, on real devices and file systems.

#include "base/unique_fd.hpp"
#include "storage/device/open_device.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <fcntl.h>
#include <sys/uio.h>

namespace rawswarm::test
{

namespace
{

using nlohmann::json;

constexpr std::size_t page = 4096;
constexpr std::uint64_t mib = 1024 * 1024;

// True if the first page of the file is in the page cache: a read that must not wait finds it there.
bool is_cached(std::string const& path)
{
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	char byte = 0;
	iovec const buffer{&byte, 1};
	auto const got = ::preadv2(fd.get(), &buffer, 1, 0, RWF_NOWAIT);
	EXPECT_TRUE(got == 1 || errno == EAGAIN) << path << ": " << errno;
	return got == 1;
}

void write_page(block_device& device)
{
	std::unique_ptr<char, decltype(&std::free)> const memory(
		static_cast<char*>(std::aligned_alloc(page, page)), &std::free);
	std::fill_n(memory.get(), page, 'p');
	iovec const buffer{memory.get(), page};
	ASSERT_TRUE(device.write(device_offset{0}, {&buffer, 1}));
	ASSERT_TRUE(device.sync());
}

extent_map one_page()
{
	lt::file_storage files;
	files.set_piece_length(1024 * 1024);
	files.add_file("image/0", static_cast<std::int64_t>(page));
	return value_of(extent_map::build(files));
}

void write_target(std::string const& path, direct_writes const direct)
{
	write_page(*value_of(open_target(path, one_page(), {"0"}, direct, missing_file::create)));
}

run_result image_with(prepared_image const& image, std::string const& target, json const& storage)
{
	seeding_agent const seeder(image.torrent_path, image.source_path);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(image.torrent_path, target));
	job["storage"] = storage;
	auto command = run_command(image.dir, job);
	command.argv.emplace_back("--json");
	return run(command);
}

} // namespace

TEST(direct_writes, an_image_file_is_written_past_the_page_cache_only_where_the_job_asks_for_it)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(32 * mib);
	run_checked({"mkfs.ext4", "-q", loop.path()});
	scoped_mount const mounted(loop.path(), "ext4");
	write_target(mounted / "always", direct_writes::always);
	write_target(mounted / "automatic", direct_writes::automatic);
	write_target(mounted / "never", direct_writes::never);
	EXPECT_FALSE(is_cached(mounted / "always"));
	EXPECT_TRUE(is_cached(mounted / "automatic"));
	EXPECT_TRUE(is_cached(mounted / "never"));
	for (auto const* name : {"always", "automatic", "never"})
	{
		EXPECT_TRUE(read_file(mounted / name) == std::string(page, 'p')) << name;
	}
}

TEST(direct_writes, a_block_device_is_written_past_the_page_cache_unless_the_job_forbids_it)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	for (auto const direct : {direct_writes::automatic, direct_writes::never, direct_writes::always})
	{
		loop_device const loop(mib);
		auto const device = value_of(open_target(loop.path(), one_page(), {"0"}, direct));
		write_page(*device);
		EXPECT_EQ(is_cached(loop.path()), direct == direct_writes::never);
	}
}

TEST(direct_writes, a_file_system_that_cannot_gets_the_bytes_all_the_same)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	scoped_tmpfs const memory(mib);
	write_target(memory / "image", direct_writes::always);
	EXPECT_TRUE(read_file(memory / "image") == std::string(page, 'p'));
}

TEST(storage_settings, a_job_that_sets_everything_is_carried_out_so)
{
	prepared_image const image(std::vector<torrent_file>{{0x1000, random_bytes(1, 4 * mib)}});
	auto const target = image.dir / "target.img";
	auto const result = image_with(image, target,
		{{"memory", 16 * mib}, {"threads", 3}, {"engine", "threads"}, {"direct", true},
			{"coalesce", {{"max_blocks", 2}, {"min_blocks", 1}, {"timeout_ms", 0}}}, {"profile", "hdd"},
			{"writers", 2}, {"read_ahead_blocks", 0}});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_NE(result.err.find(target + ": used as hdd, writes at once 2, reads 1"), std::string::npos)
		<< result.err;
	EXPECT_TRUE(device_equals(target, image.torrent.files, background::zeros));
	auto const storage = json::parse(result.out)["storage"];
	EXPECT_GE(storage["blocks_written"], 256);
	EXPECT_GT(storage["write_calls"], 0);
	EXPECT_GT(storage["p99_ms"], 0);
	EXPECT_GT(storage["flushes"]["full_run"].get<int>() + storage["flushes"]["age"].get<int>(), 0) << storage;
}

TEST(storage_settings, an_image_file_is_known_as_one_and_its_pieces_are_written_whole)
{
	prepared_image const image(std::vector<torrent_file>{{0x1000, random_bytes(1, 4 * mib)}});
	auto const target = image.dir / "target.img";
	auto const result =
		image_with(image, target, {{"coalesce", {{"max_blocks", 1024}, {"min_blocks", 1024}}}});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_NE(result.err.find(target + ": used as file"), std::string::npos) << result.err;
	auto const storage = json::parse(result.out)["storage"];
	EXPECT_EQ(storage["flushes"]["full_run"], 0) << storage;
	EXPECT_GT(storage["flushes"]["piece_complete"], 0) << storage;
}

} // namespace rawswarm::test
