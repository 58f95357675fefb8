// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/open_disk.hpp"

#include "storage/device/sys_block.hpp"

#include <cerrno>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace rawswarm
{

namespace
{

// A regular file among the devices was left by a tool that wrote to a device which was missing.
bool is_lost_in_dev(std::string const& path, struct stat const& file)
{
	struct stat dev = {};
	return is_below_dev(path) && ::stat("/dev", &dev) == 0 && dev.st_dev == file.st_dev;
}

error in_use(open_disk const& disk, std::string_view doing)
{
	if (auto const use = disk.device ? device_use(*disk.device) : std::nullopt)
	{
		return fail(fault::target, "{} {}: in use, {}", doing, disk.label, *use);
	}
	if (auto const holder = disk.device ? device_holder(*disk.device) : std::nullopt)
	{
		return fail(fault::target, "{} {}: in use, {}", doing, disk.label, *holder);
	}
	return fail(fault::target, system_error(EBUSY), "{} {}: in use", doing, disk.label);
}

} // namespace

result<open_disk> open_disk::open(
	std::string const& path, disk_access const access, std::string_view const doing)
{
	open_disk disk;
	disk.path = path;
	disk.label = device_label(path);
	auto const failed = [&](int reason) {
		return fail(fault::target, system_error(reason), "{} {}", doing, disk.label);
	};

	struct stat file = {};
	if (::stat(path.c_str(), &file) != 0)
	{
		return failed(errno);
	}
	bool const is_image = S_ISREG(file.st_mode);
	if (!S_ISBLK(file.st_mode) && (!is_image || is_lost_in_dev(path, file)))
	{
		return fail(fault::target, "{} {}: neither a block device nor an image file", doing, disk.label);
	}
	if (!is_image)
	{
		disk.device = block_device_id::of(file.st_rdev);
		if (has_file(sys_folder(*disk.device, {}) / "partition"))
		{
			return fail(fault::target, "{} {}: a partition and no disk", doing, disk.label);
		}
	}

	bool const claimed = access == disk_access::claimed;
	bool const written = access != disk_access::read_only;
	if (claimed && disk.device && device_use(*disk.device))
	{
		return in_use(disk, doing);
	}
	int const claim = claimed && disk.device ? O_EXCL : 0;
	disk.fd = unique_fd(::open(path.c_str(), (written ? O_RDWR : O_RDONLY) | claim | O_CLOEXEC));
	if (!disk.fd)
	{
		return errno == EBUSY ? in_use(disk, doing) : failed(errno);
	}
	struct stat opened = {};
	if (::fstat(disk.fd.get(), &opened) != 0)
	{
		return failed(errno);
	}
	if (opened.st_mode != file.st_mode || opened.st_rdev != file.st_rdev)
	{
		return fail(fault::target, "{} {}: it became another device meanwhile", doing, disk.label);
	}
	int read_only = 0;
	if (written && disk.device && ::ioctl(disk.fd.get(), BLKROGET, &read_only) == 0 && read_only != 0)
	{
		return fail(fault::target, "{} {}: read-only", doing, disk.label);
	}
	return disk;
}

} // namespace rawswarm
