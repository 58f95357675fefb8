#include "storage/device_probe.hpp"

#include "storage/sys_block.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// Devices on top of each other. The kernel itself allows fewer; a tree that leads into itself ends here.
constexpr int max_depth = 16;

device_kind kind_of_folder(fs::path const& folder, kernel_files const& files, int depth);

// "loop0" for "loop", but not "loopback".
bool is_named(std::string_view const name, std::string_view const family)
{
	return name.starts_with(family) && name.size() > family.size()
		&& std::isdigit(static_cast<unsigned char>(name[family.size()])) != 0;
}

// What the disk hangs on, such as "nvme" or "virtio".
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

// A device that exists in the kernel alone: zram, nbd, and whatever is new.
bool is_made_by_the_kernel(fs::path const& disk, kernel_files const& files)
{
	std::error_code ec;
	auto const root = fs::canonical(fs::path(files.sys) / "devices" / "virtual" / "block", ec);
	return !ec && disk.parent_path() == root;
}

std::optional<device_kind> slowest_of(std::vector<device_kind> const& kinds)
{
	if (kinds.empty())
	{
		return {};
	}
	if (std::ranges::find(kinds, device_kind::hdd) != kinds.end())
	{
		return device_kind::hdd;
	}
	// between those that do not seek: the middle one
	bool const same = std::ranges::all_of(kinds, [&](device_kind const k) { return k == kinds.front(); });
	return same ? kinds.front() : device_kind::sata_ssd;
}

std::optional<device_kind> kind_of_slaves(fs::path const& disk, kernel_files const& files, int const depth)
{
	std::vector<device_kind> kinds;
	for (auto const& slave : entries(disk / "slaves"))
	{
		std::error_code ec;
		auto const folder = fs::canonical(slave, ec);
		kinds.push_back(ec ? device_kind::virtual_disk : kind_of_folder(folder, files, depth));
	}
	return slowest_of(kinds);
}

// Empty if what lies below is no disk: a file system in memory or on the network, or a file that was removed.
std::optional<device_kind> kind_of_backing_file(
	fs::path const& disk, kernel_files const& files, int const depth)
{
	struct stat status = {};
	auto const path = first_line(disk / "loop" / "backing_file");
	if (path.empty() || ::stat(path.c_str(), &status) != 0)
	{
		return {};
	}
	auto const id = block_device_id::of(S_ISBLK(status.st_mode) ? status.st_rdev : status.st_dev);
	auto const folder = sys_folder(id, files);
	return folder.empty() ? std::nullopt : std::optional(kind_of_folder(folder, files, depth));
}

device_kind kind_of_disk(fs::path const& disk, kernel_files const& files, int const depth)
{
	if (is_virtual(disk))
	{
		return device_kind::virtual_disk;
	}
	if (is_named(disk.filename().string(), "loop"))
	{
		return kind_of_backing_file(disk, files, depth).value_or(device_kind::virtual_disk);
	}
	if (auto const below = kind_of_slaves(disk, files, depth))
	{
		return *below;
	}
	auto const rotational = first_line(disk / "queue" / "rotational");
	if (is_nvme(disk))
	{
		return rotational == "1" ? device_kind::hdd : device_kind::nvme; // there are hard disks with NVMe
	}
	if (rotational.empty() || is_made_by_the_kernel(disk, files))
	{
		return device_kind::virtual_disk;
	}
	// memory cards among them: no seeks, one queue
	return rotational == "1" ? device_kind::hdd : device_kind::sata_ssd;
}

device_kind kind_of_folder(fs::path const& folder, kernel_files const& files, int const depth)
{
	if (folder.empty() || depth >= max_depth)
	{
		return device_kind::virtual_disk;
	}
	return kind_of_disk(has_file(folder / "partition") ? folder.parent_path() : folder, files, depth + 1);
}

} // namespace

device_kind kind_of(block_device_id const device, kernel_files const& files)
{
	return kind_of_folder(sys_folder(device, files), files, 0);
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
