// SPDX-License-Identifier: BSD-3-Clause
#include "agent/source_map/file_system.hpp"

#include "agent/source_map/ext_blocks.hpp"
#include "agent/source_map/partclone_blocks.hpp"
#include "base/bytes.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

bool is_one_of(std::string const& type, std::initializer_list<char const*> const types)
{
	return std::ranges::find(types, type) != types.end();
}

// The header is one page of the machine that made it, of 64 KiB at most.
used_blocks swap_header(source_window const& window)
{
	used_blocks ret;
	ret.ranges = {{window.range.offset, std::min<std::uint64_t>(64_KiB, window.range.length)}};
	ret.means = "its header alone";
	return ret;
}

} // namespace

result<used_blocks> find_used_blocks(source_window const& window, std::string const& type)
{
	if (is_one_of(type, {"ext2", "ext3", "ext4"}))
	{
		return ext_blocks(window);
	}
	if (is_one_of(type, {"xfs", "btrfs", "vfat", "exfat", "ntfs"}))
	{
		return partclone_blocks(window, type);
	}
	if (type == "swap")
	{
		return swap_header(window);
	}
	used_blocks unknown;
	if (type == "swsuspend")
	{
		unknown.unclean = "it holds a system that is hibernated";
	}
	return unknown;
}

} // namespace rawswarm
