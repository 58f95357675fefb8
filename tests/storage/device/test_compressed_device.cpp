// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/compressed_device.hpp"
#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/support/device/device_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libtorrent/file_storage.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm
{

namespace
{

using test::random_bytes;
using test::read_file;
using test::temp_dir;
using test::text_of;
using test::write_file;

struct placed
{
	std::uint64_t offset = 0;
	std::uint64_t length = 0;
};

// Three extents that do not end with a block, in another order in the torrent than on the device.
std::vector<placed> const some_extents{
	{0x100000, 40000}, {0, 100000}, {0x80000, 3 * std::uint64_t(block_size)}};

// A torrent's payload and its compressed image.
class compressed_image
{
public:
	explicit compressed_image(std::vector<placed> const& list = some_extents)
	{
		lt::file_storage files;
		files.set_piece_length(16 * 1024);
		for (auto const& e : list)
		{
			files.add_file(fmt::format("image/{:x}", e.offset), static_cast<std::int64_t>(e.length));
			payload += random_bytes(e.offset + 1, e.length / 2) + std::string(e.length - e.length / 2, 'r');
		}
		extents.emplace(extent_map::build(files).value());
		frame_writer writer(3);
		seek_table table;
		for (std::size_t at = 0; at < payload.size(); at += block_size)
		{
			auto const block = payload.substr(at, block_size);
			auto const length = writer.append(bytes, block);
			table.add(static_cast<std::uint32_t>(length), static_cast<std::uint32_t>(block.size()));
		}
		frames = bytes.size();
		bytes += table.encode();
		write();
	}

	void write() const { write_file(path, bytes); }

	result<std::unique_ptr<compressed_device>> open() const
	{
		return compressed_device::open(path, *extents, payload.size());
	}

	// What the payload has for a place on the device.
	std::string expected(std::uint64_t const offset, std::size_t const length) const
	{
		std::uint64_t before = 0;
		for (auto const& e : some_extents)
		{
			if (offset >= e.offset && offset < e.offset + e.length)
			{
				return payload.substr(before + offset - e.offset, length);
			}
			before += e.length;
		}
		return {};
	}

	temp_dir dir;
	std::string path = dir / "image.zst";
	std::string payload;
	std::string bytes; // of the file
	std::size_t frames = 0; // bytes of the file that are frames
	std::optional<extent_map> extents;
};

std::string read(block_device& device, std::uint64_t const offset, std::size_t const length)
{
	std::string found(length, '\0');
	// in uneven parts, as requests come
	std::vector<iovec> parts;
	for (std::size_t at = 0; at < length; at += 5000)
	{
		parts.push_back({&found[at], std::min<std::size_t>(5000, length - at)});
	}
	auto const done = device.read({offset}, parts);
	return done ? found : done.error().text;
}

TEST(compressed_device, reads_what_the_torrent_says_is_there)
{
	compressed_image const image;
	auto const opened = image.open();
	ASSERT_TRUE(opened) << opened.error().text;
	auto& device = *opened.value();
	EXPECT_EQ(device.size(), 0x100000U + 40000);
	for (auto const& e : some_extents)
	{
		EXPECT_EQ(read(device, e.offset, e.length), image.expected(e.offset, e.length));
		EXPECT_EQ(read(device, e.offset + 17000, 4), image.expected(e.offset + 17000, 4));
		EXPECT_EQ(read(device, e.offset + 1, 30000), image.expected(e.offset + 1, 30000));
	}
	std::string medium(40000, '\0');
	ASSERT_TRUE(device.read_medium({0x100000}, medium));
	EXPECT_EQ(medium, image.expected(0x100000, 40000));
}

TEST(compressed_device, has_no_place_outside_of_the_extents)
{
	compressed_image const image;
	auto const opened = image.open();
	ASSERT_TRUE(opened) << opened.error().text;
	EXPECT_EQ(read(*opened.value(), 99999, 2),
		fmt::format("reading {} at 0x186a0: the image has no such place", image.path));
	EXPECT_EQ(read(*opened.value(), 0x7ffff, 1),
		fmt::format("reading {} at 0x7ffff: the image has no such place", image.path));
}

TEST(compressed_device, is_read_by_many_threads_at_once)
{
	compressed_image const image;
	auto const opened = image.open();
	ASSERT_TRUE(opened) << opened.error().text;
	std::vector<std::thread> threads;
	for (int i = 0; i < 4; ++i)
	{
		threads.emplace_back([&] {
			for (int round = 0; round < 50; ++round)
			{
				EXPECT_EQ(read(*opened.value(), 1000, 90000), image.expected(1000, 90000));
			}
		});
	}
	for (auto& thread : threads)
	{
		thread.join();
	}
}

TEST(compressed_device, damaged_frame_is_named_when_it_is_met_and_the_others_are_read)
{
	compressed_image image;
	// the first frame holds random bytes, so any change shows
	image.bytes[100] = static_cast<char>(~image.bytes[100]);
	image.write();
	auto const opened = image.open();
	ASSERT_TRUE(opened) << opened.error().text;
	auto const text = read(*opened.value(), 0x100000, 100);
	EXPECT_TRUE(text.starts_with(fmt::format("reading {} at 0x0: the frame is damaged", image.path))) << text;
	EXPECT_EQ(read(*opened.value(), 0x80000, 100), image.expected(0x80000, 100));
}

TEST(compressed_device, file_that_does_not_fit_is_refused)
{
	compressed_image image;
	auto const whole = image.bytes;
	EXPECT_EQ(text_of(compressed_device::open(image.path, *image.extents, image.payload.size() + 1)),
		fmt::format("opening {}: it holds {} bytes, the torrent {}", image.path, image.payload.size(),
			image.payload.size() + 1));

	image.bytes = whole.substr(0, whole.size() - 1);
	image.write();
	EXPECT_EQ(text_of(image.open()), fmt::format("opening {}: its seek table is damaged", image.path));

	image.bytes = whole.substr(1000);
	image.write();
	EXPECT_EQ(text_of(image.open()),
		fmt::format("opening {}: its seek table lists frames of {} bytes together, and there are {}",
			image.path, image.frames, image.frames - 1000));

	image.bytes.clear();
	image.write();
	EXPECT_EQ(text_of(image.open()), fmt::format("opening {}: its seek table is damaged", image.path));
}

TEST(compressed_device, is_recognised_by_its_content)
{
	compressed_image const image;
	using content = compressed_device::content;
	auto const examine = [](std::string const& path) { return compressed_device::examine(path).value(); };
	EXPECT_EQ(examine(image.path), content::seekable);
	EXPECT_EQ(examine(image.dir.path()), content::raw);
	EXPECT_EQ(examine(image.dir / "missing"), content::raw);
	write_file(image.dir / "raw", random_bytes(9, 100000));
	EXPECT_EQ(examine(image.dir / "raw"), content::raw);
	write_file(image.dir / "short", "\x28\xb5\x2f");
	EXPECT_EQ(examine(image.dir / "short"), content::raw);
	write_file(image.dir / "cut", image.bytes.substr(0, image.bytes.size() - 1));
	EXPECT_EQ(examine(image.dir / "cut"), content::frames);
}

TEST(compressed_device, is_not_written)
{
	compressed_image const image;
	auto const opened = image.open();
	ASSERT_TRUE(opened) << opened.error().text;
	char byte = 1;
	iovec const one{&byte, 1};
	EXPECT_EQ(text_of(opened.value()->write({0}, {&one, 1}), fault::device),
		fmt::format("writing {} at 0x0: a compressed image is only read", image.path));
	EXPECT_FALSE(opened.value()->zero({0}, 1));
	EXPECT_EQ(read_file(image.path), image.bytes);
}

} // namespace

} // namespace rawswarm
