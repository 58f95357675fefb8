// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/whole_disk.hpp"

#include "agent/machine/partition_table.hpp"
#include "storage/device/sys_block.hpp"

#include <sys/stat.h>

namespace rawswarm
{

bool is_whole_disk(std::string const& path)
{
	struct stat status = {};
	if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode))
	{
		return false;
	}
	auto const folder = sys_folder(block_device_id::of(status.st_rdev), {});
	// A device of the device mapper has no partitions of its own.
	return !folder.empty() && !has_file(folder / "partition") && !has_file(folder / "dm");
}

result<std::string> show_partitions(std::string const& device)
{
	if (!is_whole_disk(device))
	{
		return std::string();
	}
	return reread_partition_table(device, partition_wait);
}

} // namespace rawswarm
