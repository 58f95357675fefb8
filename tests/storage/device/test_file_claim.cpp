// SPDX-License-Identifier: BSD-3-Clause
// One writer per file: what a claim refuses, and whom it names.
#include "storage/device/file_claim.hpp"
#include "storage/device/open_device.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/device/device_text.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::child_process;
using test::read_file;
using test::temp_dir;
using test::text_of;
using test::write_file;

constexpr std::int64_t size = 1024 * 1024;

extent_map one_extent()
{
	lt::file_storage files;
	files.set_piece_length(256 * 1024);
	files.add_file("image/0", size);
	return extent_map::build(files).value();
}

result<std::unique_ptr<block_device>> open(std::string const& path)
{
	return open_target(path, one_extent(), {"0"}, direct_writes::automatic, missing_file::create);
}

std::string checked(std::string const& path)
{
	return text_of(check_target(path, one_extent(), missing_file::create));
}

// Another process that has the claim on a file or folder, as an agent has it.
class other_agent
{
public:
	explicit other_agent(std::string const& path)
		: m_holder(
			{.argv = {"flock", "--exclusive", "--no-fork", path, "sh", "-c", "echo held; exec sleep 60"},
				.env = {},
				.stdin_text = {},
				.stdout_path = {},
				.stderr_path = {}})
	{
		EXPECT_TRUE(m_holder.wait_for_text("held", 10s)) << m_holder.err();
	}

	void end()
	{
		m_holder.signal(SIGKILL);
		m_holder.wait(10s);
	}

	std::string text() const
	{
		return "being written by sleep (process " + std::to_string(m_holder.pid()) + ")";
	}

private:
	child_process m_holder;
};

} // namespace

TEST(file_claim, a_file_that_another_process_writes_is_refused_by_both_with_its_name_and_stays_as_it_is)
{
	SKIP_WITHOUT("flock");
	temp_dir const dir;
	write_file(dir / "image", "abc");
	other_agent other(dir / "image");
	auto const reason = "opening " + dir / "image" + ": in use, " + other.text();
	EXPECT_EQ(checked(dir / "image"), reason);
	EXPECT_EQ(text_of(open(dir / "image")), reason);
	EXPECT_EQ(read_file(dir / "image"), "abc");
	other.end();
	EXPECT_EQ(text_of(open(dir / "image")), "fine");
}

TEST(file_claim, holds_for_each_name_of_the_file)
{
	SKIP_WITHOUT("flock");
	temp_dir const dir;
	write_file(dir / "image", "abc");
	std::filesystem::create_hard_link(dir / "image", dir / "hard");
	std::filesystem::create_symlink("image", dir / "link");
	other_agent const other(dir / "image");
	EXPECT_EQ(text_of(open(dir / "hard")), "opening " + dir / "hard" + ": in use, " + other.text());
	auto const by_link = text_of(open(dir / "link"));
	EXPECT_TRUE(by_link.ends_with(": in use, " + other.text())) << by_link;
}

TEST(file_claim, two_targets_of_one_job_do_not_share_a_file)
{
	temp_dir const dir;
	auto const first = open(dir / "image");
	ASSERT_TRUE(first);
	std::filesystem::create_hard_link(dir / "image", dir / "hard");
	EXPECT_EQ(
		text_of(open(dir / "hard")), "opening " + dir / "hard" + ": in use, a target of this job already");
}

TEST(file_claim, ends_with_the_device)
{
	temp_dir const dir;
	EXPECT_EQ(text_of(open(dir / "image")), "fine");
	EXPECT_EQ(text_of(open(dir / "image")), "fine");
}

TEST(file_claim, a_folder_that_another_process_writes_is_refused_with_all_that_lies_in_it)
{
	SKIP_WITHOUT("flock");
	temp_dir const dir;
	std::filesystem::create_directory(dir / "disk");
	other_agent const other(dir / "disk");
	auto const reason = "opening " + dir / "disk" + ": in use, " + other.text();
	EXPECT_EQ(checked(dir / "disk"), reason);
	EXPECT_EQ(text_of(open(dir / "disk")), reason);
	EXPECT_TRUE(std::filesystem::is_empty(dir / "disk"));
	EXPECT_EQ(text_of(open(dir / "disk/0")),
		"opening " + dir / "disk/0" + ": in use, in a folder that is " + other.text());
}

TEST(file_claim, a_loop_device_over_a_file_that_another_process_writes_is_refused)
{
	SKIP_WITHOUT("flock");
	if (!test::loop_devices_available())
	{
		GTEST_SKIP() << test::why_no_loop_devices();
	}
	test::loop_device const loop(size);
	{
		other_agent const other(loop.backing_file());
		auto const reason = "opening " + loop.path() + ": in use, " + other.text();
		EXPECT_EQ(checked(loop.path()), reason);
		EXPECT_EQ(text_of(open(loop.path())), reason);
	}
	auto const device = open(loop.path());
	ASSERT_TRUE(device) << device.error().text;
	struct stat file = {};
	ASSERT_EQ(::stat(loop.backing_file().c_str(), &file), 0);
	EXPECT_EQ(claim_on(file), "a target of this job already");
}

TEST(file_claim, a_file_that_a_loop_device_was_attached_to_by_another_name_is_refused)
{
	if (!test::loop_devices_available())
	{
		GTEST_SKIP() << test::why_no_loop_devices();
	}
	test::loop_device const loop(size);
	auto const other_name = loop.backing_file() + ".hard";
	std::filesystem::create_hard_link(loop.backing_file(), other_name);
	EXPECT_EQ(checked(other_name),
		"opening " + other_name + ": in use, attached to " + loop.path().substr(std::string("/dev/").size()));
	std::filesystem::remove(other_name);
}

} // namespace rawswarm
