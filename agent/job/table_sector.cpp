// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/table_sector.hpp"

#include "agent/machine/whole_disk.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/device_checks.hpp"
#include "storage/device/gpt_place.hpp"

#include <algorithm>
#include <vector>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

namespace rawswarm
{

namespace
{

error wrong_sector(std::string const& path, std::uint64_t const of_disk, std::uint64_t const of_table)
{
	return fail(fault::target,
		"opening {}: its sectors have {} bytes, the image's partition table counts in sectors of {}: "
		"no system would find the partitions",
		device_label(path), of_disk, of_table);
}

} // namespace

std::optional<std::uint64_t> sector_of_whole_disk(std::string const& path)
{
	if (!is_whole_disk(path))
	{
		return {};
	}
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	int bytes = 0;
	bool const is_known = fd && ::ioctl(fd.get(), BLKSSZGET, &bytes) == 0 && bytes > 0;
	return is_known ? std::optional(static_cast<std::uint64_t>(bytes)) : std::nullopt;
}

result<void> check_table_sector(std::string const& path, std::optional<std::uint64_t> const of_table)
{
	auto const of_disk = of_table ? sector_of_whole_disk(path) : std::nullopt;
	if (of_disk && *of_disk != *of_table)
	{
		return wrong_sector(path, *of_disk, *of_table);
	}
	return success();
}

result<void> check_gpt_place(block_device& device)
{
	auto const of_disk = sector_of_whole_disk(device.path());
	if (!of_disk)
	{
		return success();
	}
	std::vector<char> start(std::min<std::uint64_t>(gpt_reach, device.size()));
	iovec const buffer{start.data(), start.size()};
	BOOST_OUTCOME_TRYV(device.read({}, {&buffer, 1}));
	auto const of_table = gpt_sector(start, *of_disk);
	if (of_table && *of_table != *of_disk)
	{
		return wrong_sector(device.path(), *of_disk, *of_table);
	}
	return success();
}

} // namespace rawswarm
