// SPDX-License-Identifier: BSD-3-Clause
// The checks before the first write and the errors after it, on real block devices.

#include "base/unique_fd.hpp"
#include "storage/device/open_device.hpp"
#include "tests/support/base/child_process.hpp"
#include "tests/support/base/skip.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/device/device_text.hpp"
#include "tests/support/device/loop_device.hpp"

#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using test::loop_device;
using test::read_at;
using test::read_text;
using test::run_checked;
using test::scoped_mount;
using test::scoped_tmpfs;
using test::temp_dir;
using test::text_of;
using test::write_at;
using test::write_text;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t device_size = 8 * mebibyte;

// A torrent of one extent that ends at `end`.
extent_map extents_to(std::uint64_t end)
{
	lt::file_storage files;
	files.set_piece_length(1024 * 1024);
	files.add_file("image/0", static_cast<std::int64_t>(end));
	return extent_map::build(files).value();
}

// The answer of check_target and open_target, which must agree.
std::string verdict(std::string const& path, std::uint64_t end = device_size)
{
	auto const checked = text_of(check_target(path, extents_to(end)));
	auto const opened = text_of(open_target(path, extents_to(end), {"0"}));
	EXPECT_EQ(checked, opened);
	return opened;
}

std::unique_ptr<block_device> opened(std::string const& path, std::uint64_t end = device_size)
{
	auto device = open_target(path, extents_to(end), {"0"});
	EXPECT_TRUE(device) << device.error().text;
	return device ? std::move(device).value() : nullptr;
}

std::string name_of(std::string const& path)
{
	return std::filesystem::path(path).filename().string();
}

// The first partition of a disk, known to the kernel alone.
class scoped_partition
{
public:
	explicit scoped_partition(std::string disk)
		: m_disk(std::move(disk))
	{
		run_checked({"addpart", m_disk, "1", "2048", "8192"});
	}

	~scoped_partition() { test::run({"delpart", m_disk, "1"}); }
	scoped_partition(scoped_partition const&) = delete;
	scoped_partition& operator=(scoped_partition const&) = delete;

	std::string path() const { return m_disk + "p1"; }

private:
	std::string m_disk;
};

class scoped_swap
{
public:
	explicit scoped_swap(std::string const& path)
		: m_path(path)
		, m_on(make_and_use(path))
	{}

	~scoped_swap()
	{
		if (m_on)
		{
			::swapoff(m_path.c_str());
		}
	}

	scoped_swap(scoped_swap const&) = delete;
	scoped_swap& operator=(scoped_swap const&) = delete;

	bool on() const { return m_on; }

private:
	static bool make_and_use(std::string const& path)
	{
		run_checked({"mkswap", path});
		return ::swapon(path.c_str(), 0) == 0;
	}

	std::string m_path;
	bool m_on;
};

// Removes the file when it goes out of scope.
struct scoped_file
{
	~scoped_file() { ::unlink(path.c_str()); }
	std::string path;
};

void make_file_system(std::string const& path)
{
	run_checked({"mke2fs", "-q", "-F", "-t", "ext2", path});
}

} // namespace

TEST(device_guards, a_free_device_is_written_synced_and_read_back)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(device_size);
	EXPECT_EQ(verdict(loop.path()), "fine");
	auto const device = opened(loop.path());
	ASSERT_TRUE(device);
	EXPECT_EQ(device->size(), device_size);
	EXPECT_EQ(device->path(), loop.path());
	ASSERT_TRUE(write_text(*device, device_size - 5, "hello"));
	ASSERT_TRUE(device->sync());
	EXPECT_EQ(read_text(*device, device_size - 5, 5), "hello");
	EXPECT_EQ(read_at(loop.backing_file(), device_size - 5, 5), "hello");
}

TEST(device_guards, a_mounted_device_is_refused_with_its_mount_point)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("mke2fs");
	loop_device const loop(device_size);
	make_file_system(loop.path());
	{
		scoped_mount const mount(loop.path(), "ext2");
		EXPECT_EQ(verdict(loop.path()), "opening " + loop.path() + ": mounted on " + mount.path());
		EXPECT_TRUE(open_source(loop.path()));
	}
	EXPECT_EQ(verdict(loop.path()), "fine");
}

TEST(device_guards, a_disk_with_a_mounted_partition_is_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("mke2fs");
	SKIP_WITHOUT("addpart");
	loop_device const loop(device_size);
	scoped_partition const partition(loop.path());
	make_file_system(partition.path());
	scoped_mount const mount(partition.path(), "ext2");
	EXPECT_EQ(verdict(loop.path()),
		"opening " + loop.path() + ": its partition " + name_of(partition.path()) + " is mounted on "
			+ mount.path());
	EXPECT_EQ(
		verdict(partition.path(), mebibyte), "opening " + partition.path() + ": mounted on " + mount.path());
}

TEST(device_guards, a_partition_of_a_mounted_disk_is_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("mke2fs");
	SKIP_WITHOUT("addpart");
	loop_device const loop(device_size);
	make_file_system(loop.path());
	scoped_partition const partition(loop.path());
	EXPECT_EQ(verdict(partition.path(), 4 * mebibyte), "fine");
	scoped_mount const mount(loop.path(), "ext2");
	EXPECT_EQ(verdict(partition.path(), mebibyte),
		"opening " + partition.path() + ": its disk " + name_of(loop.path()) + " is mounted on "
			+ mount.path());
}

TEST(device_guards, a_read_only_device_is_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(device_size, {.read_only = true});
	EXPECT_EQ(verdict(loop.path()), "opening " + loop.path() + ": read-only");
	EXPECT_TRUE(open_source(loop.path()));
}

TEST(device_guards, swap_is_refused)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	SKIP_WITHOUT("mkswap");
	loop_device const loop(device_size);
	scoped_swap const swap(loop.path());
	if (!swap.on())
	{
		GTEST_SKIP() << "swap cannot be switched on here";
	}
	EXPECT_EQ(verdict(loop.path()), "opening " + loop.path() + ": used as swap");
}

TEST(device_guards, a_device_that_is_too_small_is_refused_with_both_sizes)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(mebibyte);
	EXPECT_EQ(verdict(loop.path(), 2 * mebibyte),
		"opening " + loop.path() + ": the device has 1048576 bytes, the image needs 2097152");
	EXPECT_EQ(verdict(loop.path(), mebibyte), "fine");
}

TEST(device_guards, a_partition_that_is_missing_never_becomes_a_file)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(device_size);
	auto const missing = loop.path() + "p1";
	EXPECT_EQ(verdict(missing), "opening " + missing + ": No such file or directory");
	bool const became_a_file = std::filesystem::is_regular_file(missing);
	EXPECT_FALSE(became_a_file);
	if (became_a_file)
	{
		std::filesystem::remove(missing);
	}
}

TEST(device_guards, a_regular_file_among_the_devices_is_refused)
{
	SKIP_WITHOUT_ROOT();
	scoped_file const file{"/dev/rawswarm-test-" + std::to_string(::getpid())};
	test::write_file(file.path, "x");
	EXPECT_EQ(verdict(file.path), "opening " + file.path + ": a regular file and no device");
	EXPECT_EQ(test::read_file(file.path), "x");
}

TEST(device_guards, a_link_to_a_device_is_followed_and_both_are_named)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(mebibyte);
	temp_dir const dir;
	auto const link = std::filesystem::canonical(dir.path()).string() + "/by-id";
	std::filesystem::create_symlink(loop.path(), link);
	EXPECT_EQ(verdict(link, mebibyte), "fine");
	EXPECT_EQ(verdict(link, 2 * mebibyte),
		"opening " + link + " (" + loop.path() + "): the device has 1048576 bytes, the image needs 2097152");
}

TEST(device_guards, a_device_that_somebody_else_claimed_is_refused_with_the_process)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(device_size);
	test::child_options holder;
	holder.argv = {"python3", "-c",
		"import os, sys, time; os.open(sys.argv[1], os.O_RDWR | os.O_EXCL); print('open', file=sys.stderr, "
		"flush=True); time.sleep(60)",
		loop.path()};
	test::child_process other(holder);
	ASSERT_TRUE(other.wait_for_text("open", std::chrono::seconds(20))) << other.err();
	auto const text = verdict(loop.path());
	EXPECT_TRUE(text.starts_with("opening " + loop.path() + ": in use, open in ")) << text;
	EXPECT_TRUE(text.ends_with(" (process " + std::to_string(other.pid()) + ")")) << text;
	other.signal(SIGKILL);
	other.wait(std::chrono::seconds(20));

	auto const device = opened(loop.path());
	ASSERT_TRUE(device);
	EXPECT_EQ(verdict(loop.path()), "opening " + loop.path() + ": in use, a target of this job already");
}

TEST(device_guards, a_check_changes_nothing_and_keeps_no_claim)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(mebibyte);
	write_at(loop.path(), 4096, "content");
	auto const before = test::read_file(loop.backing_file());
	ASSERT_TRUE(check_target(loop.path(), extents_to(mebibyte)));
	EXPECT_TRUE(test::read_file(loop.backing_file()) == before);
	EXPECT_TRUE(opened(loop.path(), mebibyte));
}

TEST(device_guards, a_transfer_past_the_end_of_a_device_is_an_error)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(mebibyte);
	auto const device = opened(loop.path(), mebibyte);
	ASSERT_TRUE(device);
	EXPECT_FALSE(write_text(*device, mebibyte - 1, "ab"));
	EXPECT_EQ(read_text(*device, mebibyte, 1),
		"reading " + loop.path() + " at 0x100000: length 1 goes past the end at 0x100000");
	EXPECT_FALSE(device->sync());
}

TEST(device_guards, zeroing_a_device_changes_its_range_alone)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	for (int const sector_size : {512, 4096})
	{
		loop_device const loop(mebibyte, {.sector_size = sector_size});
		auto const device = opened(loop.path(), mebibyte);
		ASSERT_TRUE(device);
		std::string bytes(mebibyte, 'x');
		// Not synced: the command must not lose bytes next to its range that are still in the cache.
		ASSERT_TRUE(write_text(*device, 0, bytes));
		for (auto const& [offset, length] : std::vector<std::pair<std::size_t, std::size_t>>{
				 {1, 2}, {511, 2}, {5000, 1000}, {512 * 33, 512}, {70'000, 500'001}, {mebibyte - 700, 700}})
		{
			ASSERT_TRUE(device->zero(device_offset{offset}, length));
			bytes.replace(offset, length, length, '\0');
		}
		EXPECT_TRUE(read_text(*device, 0, bytes.size()) == bytes) << sector_size;
		ASSERT_TRUE(device->sync());
		EXPECT_TRUE(test::read_file(loop.backing_file()) == bytes) << sector_size;
	}
}

TEST(device_guards, a_read_of_a_device_that_lost_its_medium_fails_with_the_offset)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	loop_device const loop(mebibyte);
	auto const device = open_source(loop.path());
	ASSERT_TRUE(device);
	std::filesystem::resize_file(loop.backing_file(), mebibyte / 2);
	EXPECT_EQ(read_text(*device.value(), mebibyte / 2 + 4096, 4096),
		"reading " + loop.path() + " at 0x81000: Input/output error");
}

// The file system below is full, so the write-back fails after the write has succeeded.
TEST(device_guards, a_lost_write_back_fails_every_sync_although_the_kernel_forgets_it)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	scoped_tmpfs const memory(2 * mebibyte);
	test::write_sparse_file(memory / "backing", device_size);
	loop_device const loop(memory / "backing");
	auto const device = opened(loop.path());
	ASSERT_TRUE(device);
	unique_fd const witness(::open(loop.path().c_str(), O_RDWR | O_CLOEXEC));
	ASSERT_TRUE(witness);

	ASSERT_TRUE(write_text(*device, 0, std::string(6 * mebibyte, 'x')));
	for (int round = 0; round < 3; ++round)
	{
		auto const synced = device->sync();
		ASSERT_FALSE(synced) << round;
		EXPECT_EQ(synced.error().text, "syncing " + loop.path() + ": Input/output error");
		EXPECT_EQ(synced.error().kind, fault::device);
		EXPECT_EQ(synced.error().ec, std::errc::io_error);
	}
	EXPECT_EQ(::fsync(witness.get()), -1);
	EXPECT_EQ(::fsync(witness.get()), 0);
	EXPECT_FALSE(device->sync());
}

} // namespace rawswarm
