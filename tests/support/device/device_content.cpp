// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/device/device_content.hpp"

#include "base/unique_fd.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <fmt/format.h>
#include <libtorrent/hasher.hpp>
#include <libtorrent/hex.hpp>

#include <algorithm>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace fs = std::filesystem;

namespace
{

// A prime, so that blocks or sectors at the wrong offset do not look right.
constexpr std::size_t pattern_period = 251;

std::string pattern_bytes(std::uint64_t size)
{
	std::string bytes(static_cast<std::size_t>(size), '\0');
	for (std::size_t at = 0; at < bytes.size(); ++at)
	{
		bytes[at] = static_cast<char>(at % pattern_period + 1);
	}
	return bytes;
}

::testing::AssertionResult differ(fs::path const& path, std::string const& found, std::string const& expected)
{
	std::size_t first = expected.size();
	std::size_t count = 0;
	for (std::size_t at = 0; at < expected.size(); ++at)
	{
		if (found[at] != expected[at])
		{
			first = std::min(first, at);
			++count;
		}
	}
	return ::testing::AssertionFailure()
		<< fmt::format("{}: {} bytes differ, the first at {:#x}: {:#04x}, not {:#04x}", path.string(), count,
			   first, static_cast<unsigned char>(found[first]), static_cast<unsigned char>(expected[first]));
}

} // namespace

std::string expected_content(std::vector<torrent_file> const& extents, std::uint64_t size, background outside)
{
	auto content = outside == background::pattern ? pattern_bytes(size)
												  : std::string(static_cast<std::size_t>(size), '\0');
	for (auto const& extent : extents)
	{
		if (!extent.pad)
		{
			content.replace(static_cast<std::size_t>(extent.offset), extent.bytes.size(), extent.bytes);
		}
	}
	return content;
}

void fill_with_pattern(fs::path const& path, std::uint64_t size)
{
	write_at(path, 0, pattern_bytes(size));
}

std::uint64_t size_of(fs::path const& path)
{
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	auto const end = ::lseek(fd.get(), 0, SEEK_END);
	if (end < 0)
	{
		throw_errno("finding the size of " + path.string());
	}
	return static_cast<std::uint64_t>(end);
}

::testing::AssertionResult content_equals(fs::path const& path, std::string const& expected)
{
	auto const size = size_of(path);
	if (size != expected.size())
	{
		return ::testing::AssertionFailure()
			<< path.string() << " has " << size << " bytes, not " << expected.size();
	}
	auto const found = read_at(path, 0, expected.size());
	return found == expected ? ::testing::AssertionSuccess() : differ(path, found, expected);
}

::testing::AssertionResult device_equals(
	fs::path const& path, std::vector<torrent_file> const& extents, background outside)
{
	return content_equals(path, expected_content(extents, size_of(path), outside));
}

device_snapshot::device_snapshot(fs::path const& path)
	: size(size_of(path))
{
	lt::hasher256 hasher;
	hasher.update(read_at(path, 0, static_cast<std::size_t>(size)));
	sha256 = lt::aux::to_hex(hasher.final());
	struct stat info
	{};
	if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode))
	{
		changed_ns = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
	}
}

} // namespace rawswarm::test
