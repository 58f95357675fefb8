// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/sparse_map.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm
{

sparse_map::sparse_map(std::uint64_t size)
	: m_size(size)
{}

result<sparse_map> sparse_map::of_file(std::string const& path, std::uint64_t size)
{
	sparse_map data(size);
	data.m_path = path;
	data.m_fd = unique_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!data.m_fd)
	{
		return fail(fault::target, system_error(errno), "opening {}", path);
	}
	return data;
}

result<std::optional<data_range>> sparse_map::next(device_offset from)
{
	std::optional<data_range> found;
	if (from.bytes >= m_size)
	{
		return found;
	}
	found = data_range{from, {m_size}};
	if (!m_fd)
	{
		return found;
	}
	::off_t const data = ::lseek(m_fd.get(), static_cast<::off_t>(from.bytes), SEEK_DATA);
	::off_t const hole = data == -1 ? -1 : ::lseek(m_fd.get(), data, SEEK_HOLE);
	if (hole == -1)
	{
		int const reason = errno;
		if (reason == ENXIO)
		{
			found.reset(); // a hole up to the end
			return found;
		}
		if (reason == EINVAL || reason == EOPNOTSUPP)
		{
			return found;
		}
		return fail(fault::device, system_error(reason), "finding data in {} at {:#x}", m_path, from.bytes);
	}
	auto const data_begin = static_cast<std::uint64_t>(data);
	auto const hole_begin = static_cast<std::uint64_t>(hole);
	found->begin.bytes = data_begin / block_size * block_size;
	found->end.bytes = std::min(m_size, (hole_begin + block_size - 1) / block_size * block_size);
	if (found->begin.bytes >= m_size)
	{
		found.reset(); // the file has grown since it was measured
	}
	return found;
}

result<std::uint64_t> sparse_map::bytes()
{
	std::uint64_t bytes = 0;
	device_offset from;
	for (;;)
	{
		BOOST_OUTCOME_TRY(range, next(from));
		if (!range)
		{
			return bytes;
		}
		bytes += range->end - range->begin;
		from = range->end;
	}
}

} // namespace rawswarm
