// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm devices` and jobs with selectors, on loop devices. Every selector here says "loop", so that none
// can match a disk of this machine.
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/disk_partitions.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::uint64_t mib = 1024 * 1024;

// At least so many bytes, plus sectors by the process id: other loop devices of this machine differ in size.
std::uint64_t odd_size(std::uint64_t const bytes)
{
	constexpr std::uint64_t sector = 512;
	return bytes + (static_cast<std::uint64_t>(::getpid()) % 4000 + 1) * sector;
}

// Unique to this process and the number of the partition.
std::string uuid(int const number)
{
	return fmt::format("aaaaaaaa-1111-4000-800{}-{:012x}", number, ::getpid());
}

json of_size(std::uint64_t const bytes)
{
	return {{"bus", "loop"}, {"min_size", bytes}, {"max_size", bytes}, {"wait_seconds", 0}};
}

std::unique_ptr<loop_device> filled_loop(std::uint64_t const size)
{
	auto loop = std::make_unique<loop_device>(size);
	fill_with_pattern(loop->path(), size);
	return loop;
}

json listed_devices()
{
	auto const listed = run_rawswarm({"devices", "--json"});
	EXPECT_TRUE(exits_with(listed, exit_code::done));
	return json::parse(listed.out);
}

json entry_of(std::string const& path, json const& list)
{
	for (auto const& device : list.at("devices"))
	{
		if (device.at("path") == path)
		{
			return device;
		}
	}
	ADD_FAILURE() << path << " is not in " << list;
	return {};
}

// The selector that names the UUID.
json by_uuid(json const& entry)
{
	for (auto const& s : entry.at("selectors"))
	{
		if (s.contains("partuuid"))
		{
			return s;
		}
	}
	ADD_FAILURE() << "no selector by UUID in " << entry;
	return {};
}

// A seeded image, and a disk full of a pattern with two partitions that are large enough for it.
class devices_command : public ::testing::Test
{
protected:
	devices_command()
		: m_image(extent_layout{.count = 20})
	{}

	void make_disk()
	{
		m_disk = filled_loop(odd_size(2 * m_image.device_size + 3 * mib));
		m_table = write_script(m_disk->path(),
			fmt::format(
				"label: gpt\nsize={0}M, name=\"EFI system\", uuid={1}\nsize={0}M, name=root, uuid={2}\n",
				m_image.device_size / mib, uuid(1), uuid(2)));
	}

	json job_for(json const& device, std::optional<std::uint16_t> const port = {}) const
	{
		auto job = port ? loopback_job({*port}) : loopback_job();
		job["targets"].push_back({{"torrent", m_image.torrent_path}, {"device", device}});
		return job;
	}

	void image(json const& device)
	{
		seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
		EXPECT_TRUE(exits_with(run_job(m_image.dir, job_for(device, seeder.port())), exit_code::done));
	}

	// With the extents in one partition and the rest of the disk as it is now.
	std::string disk_imaged_in(int const number) const
	{
		auto bytes = read_file(m_disk->backing_file());
		auto const offset = partitions_of(m_table).at(number).first;
		for (auto const& extent : m_image.torrent.files)
		{
			bytes.replace(offset + extent.offset, extent.bytes.size(), extent.bytes);
		}
		return bytes;
	}

	prepared_image m_image;
	std::unique_ptr<loop_device> m_disk;
	partition_table m_table;
};

// Refused by `check` and by `run`, with these words in the message.
void expect_no_device(temp_dir const& dir, json const& job, std::vector<std::string> const& words)
{
	write_file(dir / "job.json", job.dump());
	for (std::string const command : {"check", "run"})
	{
		auto const result = run_rawswarm({command, dir / "job.json"});
		EXPECT_TRUE(exits_with(result, exit_code::target)) << command;
		for (auto const& word : words)
		{
			EXPECT_NE(result.err.find(word), std::string::npos) << word << " is not in:\n" << result.err;
		}
	}
}

} // namespace

TEST_F(devices_command, lists_a_disk_with_its_partitions_and_their_selectors)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	make_disk();
	auto const list = listed_devices();
	EXPECT_EQ(list.at("version"), 1);
	auto const disk = entry_of(m_disk->path(), list);
	EXPECT_EQ(disk.at("bus"), "loop");
	EXPECT_EQ(disk.at("size"), size_of(m_disk->path()));
	ASSERT_EQ(disk.at("partitions").size(), 2U);
	auto const& second = disk.at("partitions").at(1);
	EXPECT_EQ(second.at("path"), m_disk->path() + "p2");
	EXPECT_EQ(second.at("number"), 2);
	EXPECT_EQ(second.at("partlabel"), "root");
	EXPECT_EQ(second.at("partuuid"), uuid(2));
	EXPECT_EQ(second.at("offset"), partitions_of(m_table).at(2).first);
	EXPECT_EQ(second.at("size"), m_image.device_size);
	EXPECT_EQ(by_uuid(second), (json{{"bus", "loop"}, {"partuuid", uuid(2)}}));
}

TEST_F(devices_command, lists_for_people_as_well)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	make_disk();
	auto const listed = run_rawswarm({"devices"});
	ASSERT_TRUE(exits_with(listed, exit_code::done));
	for (std::string const& words : {m_disk->path() + " ", "  " + m_disk->path() + "p1 ",
			 std::string("EFI system"), std::string(R"({"bus":"loop","partuuid":")") + uuid(1) + "\"}"})
	{
		EXPECT_NE(listed.out.find(words), std::string::npos) << words << " is not in:\n" << listed.out;
	}
}

TEST_F(devices_command, listing_says_what_a_device_is_in_use_for)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("mke2fs");
	make_disk();
	run_checked({"mke2fs", "-q", "-F", "-t", "ext2", m_disk->path() + "p2"});
	scoped_mount const mount(m_disk->path() + "p2", "ext2");
	auto const disk = entry_of(m_disk->path(), listed_devices());
	auto const name = std::filesystem::path(m_disk->path()).filename().string() + "p2";
	EXPECT_EQ(disk.at("partitions").at(1).at("use"), "mounted on " + mount.path());
	EXPECT_EQ(disk.at("use"), "its partition " + name + " is mounted on " + mount.path());
}

TEST_F(devices_command, selector_it_suggests_for_a_partition_images_that_partition_alone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	make_disk();
	auto const selector = by_uuid(entry_of(m_disk->path(), listed_devices()).at("partitions").at(0));
	auto const expected = disk_imaged_in(1);
	image(selector);
	EXPECT_TRUE(content_equals(m_disk->backing_file(), expected));
}

TEST_F(devices_command, partition_of_a_disk_by_its_path_is_imaged)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	make_disk();
	auto const expected = disk_imaged_in(2);
	image({{"path", m_disk->path()}, {"partition", 2}});
	EXPECT_TRUE(content_equals(m_disk->backing_file(), expected));
}

TEST_F(devices_command, partition_by_its_uuid_in_capitals_is_imaged)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	make_disk();
	auto capitals = uuid(1);
	std::ranges::transform(
		capitals, capitals.begin(), [](unsigned char const c) { return static_cast<char>(std::toupper(c)); });
	auto const expected = disk_imaged_in(1);
	image({{"bus", "loop"}, {"partuuid", capitals}});
	EXPECT_TRUE(content_equals(m_disk->backing_file(), expected));
}

TEST_F(devices_command, partition_by_its_label_is_imaged)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	make_disk();
	auto const expected = disk_imaged_in(2);
	image({{"path", m_disk->path()}, {"partlabel", "root"}});
	EXPECT_TRUE(content_equals(m_disk->backing_file(), expected));
}

TEST_F(devices_command, disk_of_a_size_is_imaged_and_its_neighbour_is_not)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const size = odd_size(m_image.device_size);
	auto const neighbour = filled_loop(size + 512);
	auto const disk = filled_loop(size);
	device_snapshot const before(neighbour->backing_file());
	image(of_size(size));
	EXPECT_TRUE(device_equals(disk->path(), m_image.torrent.files, background::pattern));
	EXPECT_EQ(device_snapshot(neighbour->backing_file()), before);
}

TEST_F(devices_command, two_disks_that_match_are_named_and_neither_is_written)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const size = odd_size(m_image.device_size);
	auto const one = filled_loop(size);
	auto const other = filled_loop(size);
	device_snapshot const one_before(one->backing_file());
	device_snapshot const other_before(other->backing_file());
	for (std::string const choose : {"", "smallest", "largest"})
	{
		auto selector = of_size(size);
		if (!choose.empty())
		{
			selector["choose"] = choose;
		}
		expect_no_device(
			m_image.dir, job_for(selector), {": 2 match: ", one->path() + " (", other->path() + " ("});
	}
	EXPECT_EQ(device_snapshot(one->backing_file()), one_before);
	EXPECT_EQ(device_snapshot(other->backing_file()), other_before);
}

TEST_F(devices_command, a_choice_passes_over_a_disk_without_room_for_the_image)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const small = odd_size(mib);
	auto const large = small + 512;
	prepared_image const image({{.offset = large - 100, .bytes = std::string(100, 'i')}});
	auto const too_small = filled_loop(small);
	auto const large_enough = filled_loop(large);
	auto job = loopback_job();
	job["targets"].push_back({{"torrent", image.torrent_path},
		{"device", {{"bus", "loop"}, {"min_size", small}, {"max_size", large}, {"choose", "smallest"}}}});
	write_file(image.dir / "job.json", job.dump());
	auto const result = run_rawswarm({"check", "--json", image.dir / "job.json"});
	ASSERT_TRUE(exits_with(result, exit_code::done));
	EXPECT_EQ(json::parse(result.out)["targets"][0]["device"], large_enough->path());
	EXPECT_NE(too_small->path(), large_enough->path());
}

TEST_F(devices_command, disk_that_is_not_there_ends_the_job_with_a_list_of_those_that_are)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const size = odd_size(m_image.device_size);
	auto const disk = filled_loop(size);
	device_snapshot const before(disk->backing_file());
	expect_no_device(m_image.dir, job_for(of_size(size + 512)),
		{": none matches; there are ", disk->path() + " (" + std::to_string(size) + " bytes)"});
	EXPECT_EQ(device_snapshot(disk->backing_file()), before);
}

// Labels and UUIDs are not looked up on loop devices, whose content may come from anybody.
TEST_F(devices_command, partition_of_a_loop_device_is_not_meant_by_its_uuid_alone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	make_disk();
	device_snapshot const before(m_disk->backing_file());
	expect_no_device(m_image.dir, job_for({{"partuuid", uuid(2)}, {"wait_seconds", 0}}), {"none matches"});
	EXPECT_EQ(device_snapshot(m_disk->backing_file()), before);
}

TEST_F(devices_command, disk_that_appears_late_is_imaged)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	auto const size = odd_size(m_image.device_size);
	auto const file = m_image.dir / "late";
	write_sparse_file(file, size);
	fill_with_pattern(file, size);
	seeding_agent const seeder(m_image.torrent_path, m_image.source_path);
	auto selector = of_size(size);
	selector["wait_seconds"] = 20;
	child_process agent(run_command(m_image.dir, job_for(selector, seeder.port())));
	EXPECT_FALSE(agent.wait(1s));
	loop_device const disk(file);
	EXPECT_TRUE(exits_with(agent, exit_code::done));
	EXPECT_TRUE(device_equals(disk.path(), m_image.torrent.files, background::pattern));
}

} // namespace rawswarm::test
