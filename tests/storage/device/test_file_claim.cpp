// SPDX-License-Identifier: BSD-3-Clause
// One writer per file: what a claim refuses, and whom it names.
#include "base/unique_fd.hpp"
#include "storage/device/file_claim.hpp"
#include "storage/device/open_device.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/device/device_text.hpp"
#include "tests/support/device/fuse_disk.hpp"
#include "tests/support/device/fuse_folder.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
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

TEST(file_claim, a_loop_device_is_refused_whatever_name_its_file_has_by_now)
{
	SKIP_WITHOUT("flock");
	if (!test::loop_devices_available())
	{
		GTEST_SKIP() << test::why_no_loop_devices();
	}
	temp_dir const dir;
	test::write_sparse_file(dir / "image", size);
	test::loop_device const loop(dir / "image");
	std::filesystem::rename(dir / "image", dir / "renamed");
	write_file(dir / "image", "another one");
	other_agent const other(dir / "renamed");
	auto const reason = "opening " + loop.path() + ": in use, " + other.text();
	EXPECT_EQ(checked(loop.path()), reason);
	EXPECT_EQ(text_of(open(loop.path())), reason);
}

TEST(file_claim, the_file_that_got_the_name_of_one_behind_a_loop_device_is_free)
{
	if (!test::loop_devices_available())
	{
		GTEST_SKIP() << test::why_no_loop_devices();
	}
	temp_dir const dir;
	test::write_sparse_file(dir / "image", size);
	test::loop_device const loop(dir / "image");
	std::filesystem::rename(dir / "image", dir / "renamed");
	write_file(dir / "image", "another one");
	EXPECT_EQ(checked(dir / "image"), "fine");
	EXPECT_EQ(checked(dir / "renamed"),
		"opening " + dir / "renamed" + ": in use, attached to "
			+ loop.path().substr(std::string("/dev/").size()));
}

TEST(file_claim, partitions_of_one_loop_device_are_written_at_once_and_keep_away_who_writes_the_whole)
{
	temp_dir const dir;
	write_file(dir / "image", "abc");
	auto const opened = [&] { return unique_fd(::open((dir / "image").c_str(), O_RDWR | O_CLOEXEC)); };
	auto const first = opened();
	auto const second = opened();
	auto const whole = opened();
	EXPECT_EQ(text_of(claim_file(first.get(), "p1", sharing::partitions)), "fine");
	EXPECT_EQ(text_of(claim_file(second.get(), "p2", sharing::partitions)), "fine");
	EXPECT_EQ(text_of(claim_file(whole.get(), "disk")), "opening disk: in use, a target of this job already");
	struct stat file = {};
	ASSERT_EQ(::fstat(first.get(), &file), 0);
	EXPECT_EQ(claim_on(file, sharing::partitions), std::nullopt);
	EXPECT_EQ(claim_on(file), "a target of this job already");
}

TEST(file_claim, who_writes_the_whole_keeps_partitions_away)
{
	temp_dir const dir;
	write_file(dir / "image", "abc");
	unique_fd const whole(::open((dir / "image").c_str(), O_RDWR | O_CLOEXEC));
	unique_fd const part(::open((dir / "image").c_str(), O_RDWR | O_CLOEXEC));
	EXPECT_EQ(text_of(claim_file(whole.get(), "disk")), "fine");
	EXPECT_EQ(text_of(claim_file(part.get(), "p1", sharing::partitions)),
		"opening p1: in use, a target of this job already");
}

TEST(file_claim, a_file_system_without_locks_is_no_reason_to_refuse)
{
	if (!test::fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	for (int const failed : {ENOLCK, EOPNOTSUPP, EBADF})
	{
		test::fuse_folder const dir(failed);
		write_file(dir / "image", "abc");
		unique_fd const fd(::open((dir / "image").c_str(), O_RDWR | O_CLOEXEC));
		ASSERT_NE(::flock(fd.get(), LOCK_EX | LOCK_NB), 0);
		ASSERT_EQ(errno, failed);
		EXPECT_EQ(text_of(claim_file(fd.get(), "image")), "fine") << failed;
	}
}

TEST(file_claim, any_other_failure_is_named)
{
	if (!test::fuse_available())
	{
		GTEST_SKIP() << "no FUSE";
	}
	test::fuse_folder const dir(EIO);
	write_file(dir / "image", "abc");
	unique_fd const fd(::open((dir / "image").c_str(), O_RDWR | O_CLOEXEC));
	EXPECT_EQ(text_of(claim_file(fd.get(), "image")), "claiming image: Input/output error");
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
