// SPDX-License-Identifier: BSD-3-Clause
// Images of whole disks on disks with sectors of another size, on which nobody would find their partitions.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace rawswarm::test
{

namespace
{

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t disk_size = 16 * mib;
constexpr std::uint64_t piece_size = 64 * 1024;

class sector_sizes : public ::testing::Test
{
protected:
	// A disk with sectors of so many bytes, a GPT and one partition; its torrent is made by `create`.
	void make_image(int const sector)
	{
		m_source = std::make_unique<loop_device>(disk_size, loop_options{.sector_size = sector});
		child_options sfdisk;
		sfdisk.argv = {"sfdisk", "-q", "--no-reread", "--no-tell-kernel", m_source->path()};
		sfdisk.stdin_text = "label: gpt\nname=root\n";
		ASSERT_EQ(run(sfdisk).exit_code, 0);
		ASSERT_EQ(run({"sync"}).exit_code, 0);
		m_content = read_file(m_source->backing_file());
	}

	void make_torrent_by_create(std::string const& source)
	{
		ASSERT_TRUE(exits_with(run_rawswarm({"create", source, "-o", m_torrent}), exit_code::done));
	}

	// As other programs make it: nothing says what the table counts in.
	void make_torrent_without_hint()
	{
		write_file(
			m_torrent, make_torrent({{.offset = 0, .bytes = m_content}}, {.piece_size = piece_size}).bytes);
	}

	// Imaged as this job says, onto a disk with sectors of another size.
	void expect_nothing_but_the_table_is_written(int const of_image, nlohmann::json const& swarm)
	{
		make_image(of_image);
		make_torrent_without_hint();
		seeding_agent const seeder(torrent(), source_file());
		loop_device const target(disk_size, {.sector_size = of_image == 512 ? 4096 : 512});
		auto with_limits = job(target.path(), {seeder.port()});
		with_limits["swarm"].update(swarm);
		fill_with_pattern(target.path(), disk_size);
		auto command = run_command(dir(), with_limits);
		command.argv.emplace_back("--json");
		auto const result = run(command);
		EXPECT_TRUE(exits_with(result, exit_code::target));
		EXPECT_NE(result.err.find("counts in sectors of " + std::to_string(of_image)), std::string::npos)
			<< result.err;
		// the piece with the table, and nothing else
		auto const report = nlohmann::json::parse(result.out);
		EXPECT_LE(report["targets"][0]["written"].get<std::uint64_t>(), piece_size) << report.dump();
		auto const rest = expected_content({}, disk_size, background::pattern).substr(piece_size);
		EXPECT_TRUE(read_at(target.path(), piece_size, rest.size()) == rest);
	}

	nlohmann::json job(std::string const& device, std::vector<std::uint16_t> const& peers = {}) const
	{
		auto job = loopback_job(peers);
		job["targets"].push_back(image_target(m_torrent, device));
		return job;
	}

	void expect_refused_before_the_first_byte(int const sector)
	{
		loop_device const target(disk_size, {.sector_size = sector});
		fill_with_pattern(target.path(), disk_size);
		device_snapshot const before(target.path());
		for (std::string const command : {"check", "run"})
		{
			write_file(m_dir / "job.json", job(target.path()).dump());
			auto const result = run_rawswarm({command, m_dir / "job.json"});
			EXPECT_TRUE(exits_with(result, exit_code::target));
			EXPECT_NE(
				result.err.find("its sectors have " + std::to_string(sector) + " bytes"), std::string::npos)
				<< result.err;
		}
		EXPECT_EQ(device_snapshot(target.path()), before);
	}

	std::string const& content() const { return m_content; }
	std::string source() const { return m_source->path(); }
	std::string source_file() const { return m_source->backing_file(); }
	std::string torrent() const { return m_torrent; }
	temp_dir const& dir() const { return m_dir; }

private:
	temp_dir m_dir;
	std::string m_torrent = m_dir / "disk.torrent";
	std::string m_content;
	std::unique_ptr<loop_device> m_source;
};

} // namespace

#define SKIP_WITHOUT_DISKS() \
	SKIP_WITHOUT_LOOP_DEVICES(); \
	SKIP_WITHOUT("sfdisk")

TEST_F(sector_sizes, an_image_of_512_byte_sectors_is_refused_by_a_disk_of_4096_byte_sectors)
{
	SKIP_WITHOUT_DISKS();
	make_image(512);
	for (auto const& from : {source(), source_file()})
	{
		make_torrent_by_create(from);
		expect_refused_before_the_first_byte(4096);
	}
}

TEST_F(sector_sizes, an_image_of_4096_byte_sectors_is_refused_by_a_disk_of_512_byte_sectors)
{
	SKIP_WITHOUT_DISKS();
	make_image(4096);
	for (auto const& from : {source(), source_file()})
	{
		make_torrent_by_create(from);
		expect_refused_before_the_first_byte(512);
	}
}

TEST_F(sector_sizes, an_image_goes_to_a_disk_with_sectors_of_its_own_size)
{
	SKIP_WITHOUT_DISKS();
	make_image(4096);
	make_torrent_by_create(source());
	seeding_agent const seeder(torrent(), source());
	loop_device const target(disk_size, {.sector_size = 4096});
	EXPECT_TRUE(exits_with(run_job(dir(), job(target.path(), {seeder.port()})), exit_code::done));
	EXPECT_TRUE(read_file(target.backing_file()) == content());
}

TEST_F(sector_sizes, a_torrent_that_does_not_say_so_fails_once_its_table_has_arrived)
{
	SKIP_WITHOUT_DISKS();
	for (int const of_image : {512, 4096})
	{
		expect_nothing_but_the_table_is_written(of_image, {{"download_limit", 4 * mib}, {"compress", "off"}});
	}
}

// It is complete before anybody has looked at its table.
TEST_F(sector_sizes, an_image_that_arrives_in_a_moment_is_not_written_before_its_table_is_looked_at)
{
	SKIP_WITHOUT_DISKS();
	for (int const of_image : {512, 4096})
	{
		expect_nothing_but_the_table_is_written(of_image, nlohmann::json::object());
	}
}

TEST_F(sector_sizes, a_table_of_another_size_that_comes_last_fails_the_job_all_the_same)
{
	SKIP_WITHOUT_DISKS();
	make_image(4096);
	make_torrent_without_hint();
	seeding_agent const seeder(torrent(), source_file());
	loop_device const target(disk_size);
	auto const result = run_job(dir(), job(target.path(), {seeder.port()}));
	EXPECT_TRUE(exits_with(result, exit_code::target));
	EXPECT_NE(result.err.find("counts in sectors of 4096"), std::string::npos) << result.err;
}

} // namespace rawswarm::test
