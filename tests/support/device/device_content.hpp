// SPDX-License-Identifier: BSD-3-Clause
// The content that a device or image file should have, and comparisons byte for byte.
#pragma once

#include "tests/support/torrent/torrent_maker.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rawswarm::test
{

// The bytes outside the extents.
enum class background
{
	zeros,
	pattern, // differs from byte to byte and never repeats at a power of two; no byte is zero
};

// The whole device as it should be: the extents on the background.
std::string expected_content(
	std::vector<torrent_file> const& extents, std::uint64_t size, background outside);

// Fills a device or file that exists with background::pattern, from its start to `size`, and syncs it.
void fill_with_pattern(std::filesystem::path const& path, std::uint64_t size);

// Size in bytes of a device or of a regular file.
std::uint64_t size_of(std::filesystem::path const& path);

// Compares every byte of the device or file with `expected`; the sizes must be equal too. The message
// says where the first difference lies and how many bytes differ.
::testing::AssertionResult content_equals(std::filesystem::path const& path, std::string const& expected);

// EXPECT_TRUE(device_equals(...)): the extents are on the device and nothing else was touched.
::testing::AssertionResult device_equals(
	std::filesystem::path const& path, std::vector<torrent_file> const& extents, background outside);

// The content and, for a file, the time of its last change, none of which may change if a job is refused. Two
// snapshots are equal if no byte was written in between.
struct device_snapshot
{
	explicit device_snapshot(std::filesystem::path const& path);

	friend bool operator==(device_snapshot const&, device_snapshot const&) = default;

	std::string sha256; // hex
	std::uint64_t size = 0;
	std::int64_t changed_ns = 0;
};

} // namespace rawswarm::test
