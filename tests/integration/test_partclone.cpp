// SPDX-License-Identifier: BSD-3-Clause
// Images that partclone makes for BitTorrent: a folder of offset-named files and its torrent.info.
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/device/device_content.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/machine/file_system.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t device_size = 48 * mib;

std::map<std::string, std::string> some_files()
{
	return {{"kernel", random_bytes(1, 5'000'001)}, {"settings", "a = b\n"}, {"empty", ""},
		{"data", random_bytes(2, 9'999'999)}};
}

// An ext4 file system with the files, on the device.
void make_file_system(std::string const& device)
{
	run_checked({"mkfs.ext4", "-q", device});
	scoped_mount const mount(device, "ext4");
	for (auto const& [name, bytes] : some_files())
	{
		write_file(mount / name, bytes);
	}
}

void expect_file_system(std::string const& device)
{
	EXPECT_TRUE(exits_with(run({"e2fsck", "-fn", device}), 0));
	scoped_mount const mount(device, "ext4", {}, true);
	for (auto const& [name, bytes] : some_files())
	{
		EXPECT_TRUE(content_equals(mount / name, bytes));
	}
}

// A file system that the kernel need not know, and that rawswarm knows by partclone's map alone.
struct mapped_kind
{
	char const* name; // of partclone's program
	std::uint64_t size; // bytes
	std::vector<std::string> make; // the image file follows
	std::vector<std::string> check; // likewise; must end with 0
	std::vector<std::string> fill = {}; // a folder and the image file follow; empty: it stays without files
};

std::ostream& operator<<(std::ostream& out, mapped_kind const& kind) // for GoogleTest
{
	return out << kind.name;
}

std::string partclone_for(mapped_kind const& kind)
{
	return std::string("partclone.") + kind.name;
}

std::string why_not(mapped_kind const& kind)
{
	for (auto const& program : {kind.make.front(), kind.check.front(), partclone_for(kind)})
	{
		if (!program_exists(program))
		{
			return "no " + program;
		}
	}
	return {};
}

std::vector<std::string> with(std::vector<std::string> words, std::string const& last)
{
	words.push_back(last);
	return words;
}

class mapped_file_system : public ::testing::TestWithParam<mapped_kind>
{
protected:
	void SetUp() override
	{
		if (auto const why = why_not(GetParam()); !why.empty())
		{
			GTEST_SKIP() << why;
		}
	}

	// What it says is in use, but for the lines that name the file.
	std::string map_of(std::string const& image) const
	{
		run_checked(
			{partclone_for(GetParam()), "-D", "-q", "-s", image, "-O", image + ".map", "-L", m_dir / "log"});
		return run_checked({"grep", "-v", "^#", image + ".map"});
	}

	temp_dir m_dir;
};

std::string name_of_param(::testing::TestParamInfo<mapped_kind> const& info)
{
	return info.param.name;
}

} // namespace

TEST(partclone, image_folder_becomes_a_file_system_on_a_device)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("partclone.ext4");
	temp_dir const dir;
	loop_device const source(device_size);
	make_file_system(source.path());
	auto const folder = dir.path() / "image";
	fs::create_directory(folder);
	run_checked({"partclone.ext4", "--clone", "--btfiles", "--source", source.path(), "--overwrite",
		folder.string() + "/", "--logfile", dir / "partclone.log"});
	ASSERT_TRUE(fs::exists(folder / "torrent.info"));

	ASSERT_TRUE(
		exits_with(run_rawswarm({"create", folder.string(), "-o", dir / "disk.torrent"}), exit_code::done));
	seeding_agent const seeder(dir / "disk.torrent", folder.string());
	loop_device const device(device_size);
	fill_with_pattern(device.path(), device_size);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(dir / "disk.torrent", device.path()));
	ASSERT_TRUE(exits_with(run_job(dir, job), exit_code::done));

	expect_file_system(device.path());
}

TEST_P(mapped_file_system, is_imaged_by_the_map_that_partclone_makes_of_it)
{
	auto const source = m_dir / "source.img";
	write_sparse_file(source, GetParam().size);
	run_checked(with(GetParam().make, source));
	if (!GetParam().fill.empty())
	{
		make_tree(m_dir / "tree");
		run_checked(with(with(GetParam().fill, m_dir / "tree"), source));
	}
	fs::create_directory(m_dir / "image");
	run_checked({partclone_for(GetParam()), "--clone", "--btfiles", "--source", source, "--overwrite",
		m_dir / "image/", "--logfile", m_dir / "log"});

	ASSERT_TRUE(exits_with(run_rawswarm({"create", source, "-o", m_dir / "disk.torrent", "--map",
							   "partclone:" + (m_dir / "image/torrent.info")}),
		exit_code::done));
	seeding_agent const seeder(m_dir / "disk.torrent", source);
	auto const target = m_dir / "target.img";
	write_sparse_file(target, GetParam().size);
	fill_with_pattern(target, GetParam().size);
	auto job = loopback_job({seeder.port()});
	job["targets"].push_back(image_target(m_dir / "disk.torrent", target));
	ASSERT_TRUE(exits_with(run_job(m_dir, job), exit_code::done));

	EXPECT_TRUE(exits_with(run(with(GetParam().check, target)), 0));
	EXPECT_EQ(map_of(target), map_of(source));
}

INSTANTIATE_TEST_SUITE_P(partclone, mapped_file_system,
	::testing::Values(
		mapped_kind{"f2fs", 100 * mib, {"mkfs.f2fs", "-q"}, {"fsck.f2fs"}, {"sload.f2fs", "-f"}},
		mapped_kind{"minix", 16 * mib, {"mkfs.minix", "-2"}, {"fsck.minix", "-f"}},
		mapped_kind{"reiser4", 16 * mib, {"mkfs.reiser4", "-f", "-y"}, {"fsck.reiser4", "-y", "--check"}}),
	name_of_param);

} // namespace rawswarm::test
