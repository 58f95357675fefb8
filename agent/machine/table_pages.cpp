// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/table_pages.hpp"

#include "storage/device/exact_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::uint64_t page_size = 4096;

// A GPT of 128 partitions has 6 sectors of 4096 bytes, its copy one less (UEFI 2.10, 5.3.1).
constexpr std::uint64_t table_size = 6 * page_size;

using page_bytes = std::array<char, page_size>;

// The pages where tables lie.
std::vector<byte_range> table_pages(int const fd)
{
	std::vector<byte_range> pages;
	auto const end = ::lseek(fd, 0, SEEK_END);
	auto const size = end > 0 ? static_cast<std::uint64_t>(end) : 0;
	auto const table = std::min(table_size, size);
	auto const add = [&pages](std::uint64_t const from, std::uint64_t const to) {
		for (auto at = from; at < to; at += page_size)
		{
			pages.push_back({{at}, std::min(page_size, to - at)});
		}
	};
	add(0, table);
	add(std::max(table, (size - table) / page_size * page_size), size);
	return pages;
}

ssize_t read(int const fd, byte_range const& page, page_bytes& bytes)
{
	return ::pread(
		fd, bytes.data(), static_cast<std::size_t>(page.length), static_cast<off_t>(page.offset.bytes));
}

} // namespace

std::vector<byte_range> unreadable_table_pages(int const fd)
{
	auto pages = table_pages(fd);
	page_bytes bytes{};
	std::erase_if(pages, [&](byte_range const& page) { return read(fd, page, bytes) >= 0 || errno != EIO; });
	return pages;
}

result<unique_fd> copy_table_pages(int const fd, std::string const& label)
{
	unique_fd copy(::memfd_create("partition table", MFD_CLOEXEC));
	auto const size = ::lseek(fd, 0, SEEK_END);
	if (!copy || size < 0 || ::ftruncate(copy.get(), size) != 0)
	{
		return fail(fault::target, system_error(errno), "reading the partition table of {}", label);
	}
	page_bytes bytes{};
	for (auto const& page : table_pages(fd))
	{
		if (auto const length = read(fd, page, bytes); length > 0)
		{
			iovec const buffer{bytes.data(), static_cast<std::size_t>(length)};
			BOOST_OUTCOME_TRYV(write_exactly(copy.get(), label, page.offset, {&buffer, 1}));
		}
	}
	return copy;
}

result<void> clear_pages(int const fd, std::string const& label, std::vector<byte_range> const& pages)
{
	for (auto const& page : pages)
	{
		BOOST_OUTCOME_TRYV(write_zeros(fd, label, page.offset, page.length));
	}
	if (!pages.empty() && ::fsync(fd) != 0)
	{
		return fail(fault::device, system_error(errno), "partitioning {}: syncing", label);
	}
	return success();
}

} // namespace rawswarm
