// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_scan.hpp"
#include "storage/device/file_device.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <gtest/gtest.h>
#include <libtorrent/hasher.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

constexpr std::uint64_t block = block_size;
constexpr std::uint64_t mib = 1024 * 1024;

// Counts what is read and fails where it is told to.
class watched_device final : public block_device
{
public:
	explicit watched_device(std::unique_ptr<block_device> device)
		: m_device(std::move(device))
	{}

	result<void> read(device_offset offset, std::span<iovec const> buffers) override
	{
		for (auto const& buffer : buffers)
		{
			bytes_read += buffer.iov_len;
			if (offset.bytes <= fails_at && fails_at - offset.bytes < buffer.iov_len)
			{
				return fail(fault::device, system_error(EIO), "reading {} at {:#x}", path(), fails_at);
			}
		}
		return m_device->read(offset, buffers);
	}

	result<void> write(device_offset, std::span<iovec const>) override { return unexpected(); }
	result<void> zero(device_offset, std::uint64_t) override { return unexpected(); }
	result<void> sync() override { return unexpected(); }
	std::uint64_t size() const override { return m_device->size(); }
	std::string const& path() const override { return m_device->path(); }

	std::atomic<std::uint64_t> bytes_read = 0; // by several threads at once
	std::uint64_t fails_at = ~std::uint64_t(0);

private:
	result<void> unexpected() const { return fail(fault::internal, "changing {}", path()); }

	std::unique_ptr<block_device> m_device;
};

class create_scan : public ::testing::Test
{
protected:
	watched_device open(std::string const& path)
	{
		return watched_device(file_device::open(path, device_access::read_only).value());
	}

	test::temp_dir m_dir;
	scan_settings m_settings{1 << 20, 2, {}, {}};
};

TEST_F(create_scan, an_error_of_a_read_ends_it_with_the_place)
{
	auto const path = m_dir / "disk.img";
	test::write_file(path, test::random_bytes(1, 5 * mib));
	auto device = open(path);
	device.fails_at = 3 * mib + 5;
	sparse_map data(5 * mib);
	std::vector<source_extent> const extents{{{0}, 4 * mib, {}}};
	for (auto const& scanned : {scan_whole(device, data, m_settings),
			 scan_without_zeros(device, data, m_settings), scan_extents(device, extents, m_settings)})
	{
		ASSERT_FALSE(scanned);
		EXPECT_EQ(scanned.error().kind, fault::device);
		EXPECT_EQ(scanned.error().text, "reading " + path + " at 0x300005: Input/output error");
	}
}

TEST_F(create_scan, every_byte_is_read_once)
{
	auto const path = m_dir / "disk.img";
	test::write_file(path, test::random_bytes(1, 3 * mib + 5));
	for (auto* const scan : {&scan_whole, &scan_without_zeros})
	{
		auto device = open(path);
		sparse_map data(device.size());
		ASSERT_TRUE(scan(device, data, m_settings));
		EXPECT_EQ(device.bytes_read, 3 * mib + 5);
	}
}

TEST_F(create_scan, holes_are_not_read)
{
	auto const path = m_dir / "disk.img";
	test::write_sparse_file(path, 1024 * mib);
	for (std::uint64_t const offset : {5 * mib, 700 * mib + 3, 1024 * mib - 1})
	{
		test::write_at(path, offset, "x");
	}
	auto data = sparse_map::of_file(path, 1024 * mib);
	ASSERT_TRUE(data);
	auto const first = data.value().next({0});
	ASSERT_TRUE(first && first.value());
	if (first.value()->begin.bytes == 0)
	{
		GTEST_SKIP() << "the file system of " << path << " does not tell holes";
	}
	for (auto* const scan : {&scan_whole, &scan_without_zeros})
	{
		auto device = open(path);
		auto const scanned = scan(device, data.value(), m_settings);
		ASSERT_TRUE(scanned);
		EXPECT_LE(device.bytes_read, 3 * mib); // whatever the file system allocates at a time
		bool const whole = scan == &scan_whole;
		EXPECT_EQ(scanned.value().extents.size(), whole ? 1U : 3U);
		EXPECT_EQ(scanned.value().bytes, whole ? 1024 * mib : 3 * block);
		EXPECT_EQ(scanned.value().hashes.size(), whole ? 1024U : 1U);
	}
}

TEST_F(create_scan, too_many_pieces_end_it_where_they_are_counted)
{
	auto const path = m_dir / "disk.img";
	test::write_sparse_file(path, 100 * mib);
	test::write_at(path, 10 * mib, test::random_bytes(1, 2 * mib));
	m_settings.max_pieces = 2;
	auto device = open(path);
	sparse_map data(device.size());
	ASSERT_TRUE(scan_without_zeros(device, data, m_settings));

	test::write_at(path, 50 * mib, "x");
	auto counted = open(path);
	auto const scanned = scan_without_zeros(counted, data, m_settings);
	ASSERT_FALSE(scanned);
	EXPECT_EQ(scanned.error().kind, fault::usage);
	EXPECT_NE(
		scanned.error().text.find("piece size 1048576: " + path + " has at least 2113536 bytes of data"),
		std::string::npos)
		<< scanned.error().text;
	EXPECT_EQ(counted.bytes_read, 51 * mib);
}

TEST_F(create_scan, the_number_of_extents_is_bounded)
{
	auto const path = m_dir / "disk.img";
	std::string source;
	for (std::uint64_t i = 1; i <= 100; ++i)
	{
		source += test::random_bytes(i, block) + std::string(block, '\0');
	}
	test::write_file(path, source);
	auto device = open(path);
	sparse_map data(device.size());
	m_settings.limits = {block, 10};
	auto const scanned = scan_without_zeros(device, data, m_settings);
	ASSERT_TRUE(scanned);
	auto const& extents = scanned.value().extents;
	EXPECT_LE(extents.size(), 10U);
	std::string bytes;
	for (auto const& extent : extents)
	{
		bytes += source.substr(extent.offset.bytes, extent.length);
	}
	ASSERT_EQ(scanned.value().bytes, bytes.size());
	EXPECT_EQ(scanned.value().hashes.front(), lt::hasher(bytes.substr(0, mib)).final());
}

// What lies between two areas may be anything; only inside an area of which zeros are left out is a gap
// zeros.
TEST_F(create_scan, gaps_that_are_taken_are_read_unless_they_were_seen_to_be_zeros)
{
	auto const path = m_dir / "disk.img";
	auto source = test::random_bytes(7, 40 * block);
	std::fill_n(source.begin() + 20 * block, 2 * block, '\0');
	test::write_file(path, source);
	auto device = open(path);
	sparse_map data(device.size());
	std::vector<source_area> const areas{{{{0}, 3 * block}}, {{{4 * block}, block}},
		{{{6 * block + 512}, 512}}, {{{8 * block}, 16 * block}, area_content::data},
		{{{35 * block}, 5 * block}}};

	auto const scanned = scan_areas(device, data, areas, m_settings);

	ASSERT_TRUE(scanned) << scanned.error().text;
	auto const& extents = scanned.value().extents;
	ASSERT_EQ(extents.size(), 2U) << "only the last gap is long";
	EXPECT_EQ(extents[0].length, 24 * block);
	EXPECT_EQ(extents[1].offset, device_offset{35 * block});
	auto const payload = source.substr(0, 24 * block) + source.substr(35 * block);
	ASSERT_EQ(scanned.value().hashes.size(), 1U);
	EXPECT_EQ(scanned.value().hashes[0], lt::hasher(payload).final());
}

TEST_F(create_scan, area_whose_checksum_is_another_one_ends_it)
{
	auto const path = m_dir / "disk.img";
	test::write_file(path, "abc" + std::string(block, 'x'));
	auto device = open(path);
	sparse_map data(device.size());
	std::string const of_abc = "a9993e364706816aba3e25717850c26c9cd0d89d";
	std::vector<source_area> areas{{{{0}, 3}, area_content::all, of_abc}};
	EXPECT_TRUE(scan_areas(device, data, areas, m_settings));
	areas[0].range.length = 4;
	auto const refused = scan_areas(device, data, areas, m_settings);
	ASSERT_FALSE(refused);
	EXPECT_EQ(refused.error().kind, fault::verification);
}

} // namespace
} // namespace rawswarm
