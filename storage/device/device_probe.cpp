// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/device_probe.hpp"

#include "base/text.hpp"
#include "storage/device/sys_block.hpp"

#include <filesystem>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// "loop0" for "loop", but not "loopback".
bool is_named(std::string_view const name, std::string_view const family)
{
	return name.starts_with(family) && name.size() > family.size() && is_digit(name[family.size()]);
}

// The bus of the disk, such as "nvme" or "virtio".
std::string bus_of(fs::path const& disk)
{
	std::error_code ec;
	return fs::canonical(disk / "device" / "subsystem", ec).filename().string();
}

bool is_nvme(fs::path const& disk)
{
	auto const bus = bus_of(disk);
	return is_named(disk.filename().string(), "nvme") || bus == "nvme" || bus == "nvme-subsystem";
}

bool is_virtual(fs::path const& disk)
{
	auto const name = disk.filename().string();
	auto const bus = bus_of(disk);
	return name.starts_with("vd") || name.starts_with("xvd") || bus == "virtio" || bus == "xen";
}

bool is_loop(fs::path const& disk)
{
	return is_named(disk.filename().string(), "loop");
}

// A device without hardware of its own: zram, nbd, and others.
bool is_made_by_the_kernel(fs::path const& disk, kernel_files const& files)
{
	std::error_code ec;
	auto const root = fs::canonical(fs::path(files.sys) / "devices" / "virtual" / "block", ec);
	return !ec && disk.parent_path() == root;
}

// Empty if no disk lies below: a file system in memory or on the network, or a file that was removed.
fs::path below_loop(fs::path const& disk, kernel_files const& files)
{
	struct stat status = {};
	auto const path = first_line(disk / "loop" / "backing_file");
	if (path.empty() || ::stat(path.c_str(), &status) != 0)
	{
		return {};
	}
	return sys_folder(block_device_id::of(S_ISBLK(status.st_mode) ? status.st_rdev : status.st_dev), files);
}

// The folders of the devices that this one is made of, if any.
std::vector<fs::path> below(fs::path const& disk, kernel_files const& files)
{
	std::vector<fs::path> found;
	if (is_loop(disk))
	{
		found.push_back(below_loop(disk, files));
	}
	for (auto const& slave : entries(disk / "slaves"))
	{
		std::error_code ec;
		auto folder = fs::canonical(slave, ec);
		found.push_back(ec ? fs::path() : std::move(folder));
	}
	std::erase(found, fs::path());
	return found;
}

// The kind of a disk that is not made of others.
device_kind kind_of_disk(fs::path const& disk, kernel_files const& files)
{
	auto const rotational = first_line(disk / "queue" / "rotational");
	if (is_nvme(disk))
	{
		return rotational == "1" ? device_kind::hdd : device_kind::nvme; // there are hard disks with NVMe
	}
	if (is_virtual(disk) || is_loop(disk) || is_made_by_the_kernel(disk, files) || rotational.empty())
	{
		return device_kind::virtual_disk;
	}
	// memory cards among them: no seeks, one queue
	return rotational == "1" ? device_kind::hdd : device_kind::sata_ssd;
}

device_kind slowest_of(std::set<device_kind> const& kinds)
{
	if (kinds.empty())
	{
		return device_kind::virtual_disk;
	}
	if (kinds.contains(device_kind::hdd))
	{
		return device_kind::hdd;
	}
	// a mix of kinds that do not seek: the middle one
	return kinds.size() == 1 ? *kinds.begin() : device_kind::sata_ssd;
}

} // namespace

device_kind kind_of(block_device_id const device, kernel_files const& files)
{
	std::set<device_kind> kinds;
	std::set<fs::path> seen; // a circle must end
	for (std::vector<fs::path> left{sys_folder(device, files)}; !left.empty();)
	{
		auto const folder = std::move(left.back());
		left.pop_back();
		auto const disk = has_file(folder / "partition") ? folder.parent_path() : folder;
		if (disk.empty() || !seen.insert(disk).second)
		{
			continue;
		}
		auto const parts = below(disk, files);
		left.insert(left.end(), parts.begin(), parts.end());
		if (parts.empty())
		{
			kinds.insert(kind_of_disk(disk, files));
		}
	}
	return slowest_of(kinds);
}

device_kind kind_of(std::string const& path, kernel_files const& files)
{
	struct stat status = {};
	if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode))
	{
		return device_kind::image_file;
	}
	return kind_of(block_device_id::of(status.st_rdev), files);
}

} // namespace rawswarm
