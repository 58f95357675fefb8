// SPDX-License-Identifier: BSD-3-Clause
// Sectors that cannot be read but written, as those of a disk with pending sectors: where the job replaces
// what they hold, or only looks for something to spare or to wipe, they fail no job.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t disk_size = 64 * mib;

// Pages that cannot be read until they are written, once the test begins.
class pending_pages : public fuse_behaviour
{
public:
	void begin(std::vector<std::uint64_t> const& offsets)
	{
		for (std::size_t i = 0; i < most; ++i)
		{
			m_bad[i] = i < offsets.size() ? offsets[i] + 1 : 0;
		}
	}

	bool can_read(std::uint64_t const offset, std::size_t const length) override
	{
		return std::ranges::none_of(std::span(m_bad, most), [&](std::atomic<std::uint64_t> const& bad) {
			auto const at = bad.load();
			return at != 0 && offset < at - 1 + page && offset + length > at - 1;
		});
	}

	void on_written(std::uint64_t const offset, std::span<char> const kept) override
	{
		for (auto& bad : std::span(m_bad, most))
		{
			auto const at = bad.load();
			if (at != 0 && offset <= at - 1 && offset + kept.size() >= at - 1 + page)
			{
				bad = 0;
			}
		}
	}

private:
	static constexpr std::size_t most = 16;

	// Offsets and 1; 0: none.
	std::atomic<std::uint64_t>* m_bad =
		::new (shared_memory(most * sizeof(std::atomic<std::uint64_t>))) std::atomic<std::uint64_t>[most]();
};

class unreadable_sectors : public ::testing::Test
{
protected:
	void SetUp() override
	{
		SKIP_WITHOUT_LOOP_DEVICES();
		SKIP_WITHOUT("sfdisk");
		if (!fuse_available())
		{
			GTEST_SKIP() << "no FUSE";
		}
		m_fuse = std::make_unique<fuse_disk>(disk_size, m_pages);
	}

	// A disk with an older GPT, some pages of which can no longer be read.
	std::unique_ptr<loop_device> old_disk(std::vector<std::uint64_t> const& bad)
	{
		m_pages.begin({});
		run_sfdisk(m_fuse->file(), "label: gpt\nsize=8M, name=old\n");
		m_pages.begin(bad);
		return std::make_unique<loop_device>(m_fuse->file());
	}

	pending_pages m_pages;
	std::unique_ptr<fuse_disk> m_fuse;
};

std::vector<std::vector<std::uint64_t>> places_of_a_gpt()
{
	return {{0}, {page}, {disk_size - page}, {disk_size - 5 * page}, {0, page, disk_size - page},
		{0, page, 2 * page, 3 * page, 4 * page, disk_size - 5 * page, disk_size - 4 * page,
			disk_size - 3 * page, disk_size - 2 * page, disk_size - page}};
}

std::string text_of(std::vector<std::uint64_t> const& offsets)
{
	std::string text;
	for (auto const offset : offsets)
	{
		text += std::to_string(offset / page) + " ";
	}
	return text;
}

} // namespace

TEST_F(unreadable_sectors, a_table_that_is_replaced_need_not_be_read)
{
	prepared_image const image(extent_layout{.count = 20, .largest = 10'000, .largest_gap = 10'000});
	seeding_agent const seeder(image.torrent_path, image.source_path);
	for (auto const& bad : places_of_a_gpt())
	{
		SCOPED_TRACE(text_of(bad));
		auto const disk = old_disk(bad);
		auto job = loopback_job({seeder.port()});
		job["partition_tables"] = {
			{{"disk", disk->path()}, {"script", "label: gpt\nsize=16M, name=new\nname=rest\n"}}};
		job["targets"] = {image_target(image.torrent_path, disk->path() + "p1")};
		write_file(image.dir / "job.json", job.dump());
		EXPECT_TRUE(exits_with(run_rawswarm({"check", image.dir / "job.json"}), exit_code::done));
		EXPECT_TRUE(exits_with(run_job(image.dir, job), exit_code::done));
		auto const dump = run({"sfdisk", "--dump", disk->path()});
		EXPECT_NE(dump.out.find("name=\"new\""), std::string::npos) << dump.out << dump.err;
		EXPECT_EQ(run({"sfdisk", "--verify", disk->path()}).exit_code, 0);
		EXPECT_TRUE(device_equals(disk->path() + "p1", image.torrent.files, background::zeros));
	}
}

// The image of a smaller disk, so that the end of the old table is not written.
class unreadable_end : public unreadable_sectors
{
protected:
	void SetUp() override
	{
		unreadable_sectors::SetUp();
		if (IsSkipped())
		{
			return;
		}
		write_sparse_file(source, 8 * mib);
		run_sfdisk(source, "label: gpt\nsize=2M\n");
		ASSERT_TRUE(exits_with(run_rawswarm({"create", source, "-o", torrent}), exit_code::done));
		seeder = std::make_unique<seeding_agent>(torrent, source);
	}

	run_result run_on(loop_device const& disk, std::string const& backup_gpt)
	{
		auto job = loopback_job({seeder->port()});
		job["targets"] = {image_target(torrent, disk.path())};
		job["targets"][0]["backup_gpt"] = backup_gpt;
		job["verify"] = "readback";
		auto command = run_command(dir, job);
		command.argv.emplace_back("--json");
		return run(command);
	}

	temp_dir dir;
	std::string source = dir / "source.img";
	std::string torrent = dir / "disk.torrent";
	std::unique_ptr<seeding_agent> seeder;
};

TEST_F(unreadable_end, an_image_with_a_table_of_its_own_is_done_and_what_was_not_looked_at_is_said)
{
	for (auto const& bad : places_of_a_gpt())
	{
		SCOPED_TRACE(text_of(bad));
		auto const disk = old_disk(bad);
		auto const result = run_on(*disk, "keep");
		EXPECT_TRUE(exits_with(result, exit_code::done));
		EXPECT_EQ(read_at(disk->path(), 0, 8 * mib), read_file(source));
		bool const is_end_unread = bad.back() > disk_size / 2;
		EXPECT_EQ(result.out.find("could not be looked for") != std::string::npos, is_end_unread)
			<< result.out;
	}
}

TEST_F(unreadable_end, the_copy_of_the_gpt_is_moved_there)
{
	auto const disk = old_disk({disk_size - page, disk_size - 2 * page});
	EXPECT_TRUE(exits_with(run_on(*disk, "move"), exit_code::done));
	EXPECT_EQ(read_at(disk->path(), disk_size - 512, 8), "EFI PART");
	EXPECT_EQ(run({"sfdisk", "--verify", disk->path()}).exit_code, 0);
}

} // namespace rawswarm::test
