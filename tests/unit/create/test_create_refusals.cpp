// SPDX-License-Identifier: BSD-3-Clause
// What cannot be made a torrent of, and that nothing is left of the attempt.
#include "base/bytes.hpp"
#include "storage/device/block_frame.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/loop_device.hpp"
#include "tests/support/program/create_torrent.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;

using test::create_torrent;
using test::source_content;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * 1024;

TEST_F(create_torrent, zeros_cannot_be_left_out_of_a_folder)
{
	m_options.source = m_dir / "folder";
	m_options.skip_zeros = true;
	test::write_file(m_dir / "folder/0x0", "data");
	expect_refused(fault::usage, "zeros");
}

TEST_F(create_torrent, options_that_make_no_sense_are_refused)
{
	test::write_file(m_options.source, "data");
	for (std::int64_t const size :
		{std::int64_t(-1), std::int64_t(8192), std::int64_t(100'000), std::int64_t(1) << 25})
	{
		m_options.piece_size = size;
		expect_refused(fault::usage, "piece size");
	}
	m_options.piece_size = 0;
	m_options.threads = -1;
	expect_refused(fault::usage, "threads");
	m_options.threads = 0;
	for (auto const* name : {"a/b", ".."})
	{
		m_options.name = name;
		expect_refused(fault::usage, name);
	}
}

TEST_F(create_torrent, pieces_beyond_what_others_load_are_refused_with_the_size_that_would_do)
{
	test::write_sparse_file(m_options.source, 1_TiB);
	m_options.piece_size = 16 * kib;
	expect_refused(fault::usage,
		"piece size 16384: " + m_options.source
			+ " has 1099511627776 bytes of data, which would be more than 2097152 pieces; a piece size of "
			  "524288 "
			  "would do");
}

TEST_F(create_torrent, an_empty_or_missing_source_is_refused)
{
	expect_refused(fault::target, "disk.img: No such file");
	test::write_file(m_options.source, "");
	expect_refused(fault::target, "disk.img: it is empty");
}

TEST_F(create_torrent, the_output_may_not_be_the_source_nor_lie_in_it)
{
	test::write_file(m_options.source, "data");
	fs::create_symlink(m_options.source, m_dir / "link");
	for (auto const& output : {m_options.source, m_dir / "link"})
	{
		m_options.output = output;
		expect_refused(fault::usage, "it is the source");
	}
	EXPECT_EQ(test::read_file(m_options.source), "data");

	test::write_file(m_dir / "folder/0x0", "data");
	m_options.source = m_dir / "folder";
	m_options.output = m_dir / "folder/x.torrent";
	expect_refused(fault::usage, "it lies in the folder");
}

TEST_F(create_torrent, an_output_that_cannot_be_written_is_refused_before_reading)
{
	test::write_file(m_options.source, "data");
	m_options.progress = [](std::int64_t, std::int64_t) { ADD_FAILURE() << "it was read"; };
	m_options.output = m_dir / "missing/disk.torrent";
	expect_refused(fault::target, "missing/disk.torrent: No such file");
}

// The source loses its end while it is read.
TEST_F(create_torrent, a_failed_read_leaves_nothing_behind)
{
	test::write_file(m_options.source, source_content(std::string(200, 'x')));
	m_options.progress = [&](std::int64_t, std::int64_t) { fs::resize_file(m_options.source, mib); };
	expect_refused(fault::device, "reading " + m_options.source + " at 0x100000");
}

TEST_F(create_torrent, a_source_that_is_written_to_while_it_is_read_is_refused_or_named)
{
	auto const source = source_content("xxxxxxxxxxxxxxxx");
	test::write_file(m_dir / "disk.img", source);
	bool was_changed = false;
	m_options.progress = [&](std::int64_t, std::int64_t) {
		if (!std::exchange(was_changed, true))
		{
			test::write_at(m_dir / "disk.img", 5, "somebody booted it");
		}
	};
	expect_refused(fault::target, "disk.img: it was changed meanwhile");
	m_options.allow_mounted = true;
	was_changed = false;
	EXPECT_EQ(make().summary.changes, "it was changed");
	was_changed = true;
	EXPECT_EQ(make().summary.changes, "");
}

TEST_F(create_torrent, a_packed_source_that_changes_while_it_is_read_leaves_nothing_behind)
{
	std::string frame;
	frame_writer(3).append(frame, source_content(std::string(200, 'x')));
	test::write_file(m_options.source, frame);
	m_options.compress = 1;
	m_options.progress = [&](std::int64_t, std::int64_t const total) {
		EXPECT_EQ(total, static_cast<std::int64_t>(frame.size()));
		fs::last_write_time(m_options.source, fs::file_time_type::clock::now() + std::chrono::hours(1));
	};
	expect_refused(fault::target, "disk.img: it was changed meanwhile");
}

TEST_F(create_torrent, a_device_mounted_for_writing_wants_to_be_asked_for)
{
	SKIP_WITHOUT_LOOP_DEVICES();
	test::write_sparse_file(m_options.source, 4 * mib);
	test::loop_device const loop(m_options.source);
	if (std::system(("mkfs.ext4 -q -O ^has_journal " + loop.path()).c_str()) != 0)
	{
		GTEST_SKIP() << "no mkfs.ext4";
	}
	m_options.source = loop.path();
	{
		test::scoped_mount const mounted(loop.path(), "ext4");
		expect_refused(fault::target, "mounted on " + mounted.path());
		m_options.allow_mounted = true;
		EXPECT_EQ(make().extents.total(), 4 * mib);
	}
	m_options.allow_mounted = false;
	test::scoped_mount const mounted(loop.path(), "ext4", {}, true);
	EXPECT_EQ(make().hints.source_size, 4 * mib);
}

} // namespace
} // namespace rawswarm
