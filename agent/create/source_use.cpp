// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/source_use.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

struct mount
{
	std::string device; // "8:1"; some file systems (btrfs) have a number that no device has
	std::string source; // "/dev/sda1"
	std::string options; // of the file system, not of this mount of it: "ro,errors=remount-ro"
};

// "36 35 8:1 /root /mnt rw shared:1 - ext4 /dev/sda1 rw,discard"
std::optional<mount> parse_mount(std::string const& line)
{
	std::istringstream in(line);
	std::vector<std::string> const fields{std::istream_iterator<std::string>(in), {}};
	auto const dash = std::find(fields.begin(), fields.end(), "-");
	if (dash - fields.begin() < 3 || fields.end() - dash < 4)
	{
		return {};
	}
	return mount{fields[2], *(dash + 2), *(dash + 3)};
}

bool is_of(mount const& mounted, block_device_id device)
{
	struct stat status = {};
	return mounted.device == fmt::format("{}:{}", device.major_number, device.minor_number)
		|| (mounted.source.starts_with('/') && ::stat(mounted.source.c_str(), &status) == 0
			&& S_ISBLK(status.st_mode) && block_device_id::of(status.st_rdev) == device);
}

bool is_read_only(mount const& mounted)
{
	return mounted.options == "ro" || mounted.options.starts_with("ro,");
}

// A mount claims the device: then it has no swap on it, and nothing else holds it.
bool is_mounted_read_only(block_device_id device, kernel_files const& files)
{
	bool found = false;
	std::ifstream list(files.proc + "/self/mountinfo");
	for (std::string line; std::getline(list, line);)
	{
		auto const mounted = parse_mount(line);
		if (mounted && is_of(*mounted, device))
		{
			if (!is_read_only(*mounted))
			{
				return false;
			}
			found = true;
		}
	}
	return found;
}

} // namespace

result<void> check_unchanging(std::string const& label, block_device_id device, kernel_files const& files)
{
	auto const use = device_use(device, files);
	if (use && !is_mounted_read_only(device, files))
	{
		return fail(fault::target, "opening {}: {}, and may change while it is read", label, *use);
	}
	return success();
}

} // namespace rawswarm
