// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/device_checks.hpp"

#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "storage/device/loop_file.hpp"
#include "storage/device/sys_block.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

std::vector<std::string> fields(std::string const& line)
{
	std::istringstream in(line);
	std::vector<std::string> found;
	for (std::string field; in >> field;)
	{
		found.push_back(field);
	}
	return found;
}

// /proc writes blanks, newlines and backslashes in paths as \040, \012 and \134.
std::string without_escapes(std::string_view text)
{
	std::string plain;
	while (!text.empty())
	{
		auto const digits = text.front() == '\\' ? text.substr(1, 3) : std::string_view();
		auto const code = parse_number<unsigned char>(digits, 8);
		bool const is_code = digits.size() == 3 && code;
		plain += is_code ? static_cast<char>(*code) : text.front();
		text.remove_prefix(is_code ? 4 : 1);
	}
	return plain;
}

// One block device and its folder in /sys (empty: /sys does not know it).
struct node
{
	block_device_id id;
	fs::path folder;

	std::string name() const { return folder.filename().string(); }
	bool is_partition() const { return !folder.empty() && has_file(folder / "partition"); }
};

node find_node(block_device_id id, kernel_files const& files)
{
	return {id, sys_folder(id, files)};
}

std::optional<node> node_of(fs::path const& folder)
{
	auto const id = parse_device_id(first_line(folder / "dev"));
	return id ? std::optional(node{*id, folder}) : std::nullopt;
}

std::vector<node> partitions(node const& disk)
{
	std::vector<node> found;
	for (auto const& entry : disk.folder.empty() ? std::vector<fs::path>() : entries(disk.folder))
	{
		auto const part = has_file(entry / "partition") ? node_of(entry) : std::nullopt;
		if (part)
		{
			found.push_back(*part);
		}
	}
	return found;
}

// Whether a path that the kernel lists, such as the source of a mount, is the device's. Only paths in /dev
// are looked up: a dead network mount could block us.
bool is_path_of(std::string const& path, node const& device)
{
	if (!device.folder.empty() && path == "/dev/" + device.name())
	{
		return true;
	}
	struct stat status = {};
	return path.starts_with("/dev/") && ::stat(path.c_str(), &status) == 0 && S_ISBLK(status.st_mode)
		&& block_device_id::of(status.st_rdev) == device.id;
}

// "36 35 98:0 /root /mount\040point rw shared:1 - ext3 /dev/sda1 rw". The number is that of the device
// for most file systems; btrfs has numbers of its own, so the source is compared as well.
std::optional<std::string> mount_of(node const& device, fs::path const& mounts)
{
	std::ifstream list(mounts);
	for (std::string line; std::getline(list, line);)
	{
		auto const parts = fields(line);
		auto const dash = std::ranges::find(parts, "-");
		if (parts.size() < 5)
		{
			continue;
		}
		bool const same_source = parts.end() - dash > 2 && is_path_of(without_escapes(*(dash + 2)), device);
		if (parse_device_id(parts[2]) == device.id || same_source)
		{
			return "mounted on " + printable(without_escapes(parts[4]));
		}
	}
	return {};
}

std::optional<std::string> swap_on(node const& device, kernel_files const& files)
{
	std::ifstream list(files.proc + "/swaps");
	std::string line;
	std::getline(list, line); // the heading
	while (std::getline(list, line))
	{
		auto const parts = fields(line);
		if (!parts.empty() && is_path_of(without_escapes(parts[0]), device))
		{
			return "used as swap";
		}
	}
	return {};
}

std::optional<std::string> holder_of(node const& device)
{
	auto const holders = device.folder.empty() ? std::vector<fs::path>() : entries(device.folder / "holders");
	if (holders.empty())
	{
		return {};
	}
	auto text = "held by " + printable(holders.front().filename().string());
	auto const mapped_name = first_line(holders.front() / "dm" / "name");
	return mapped_name.empty() ? text : text + " (" + printable(mapped_name) + ")";
}

std::optional<std::string> own_use(node const& device, kernel_files const& files)
{
	if (auto use = mount_of(device, fs::path(files.proc) / "self" / "mountinfo"))
	{
		return use;
	}
	if (auto use = swap_on(device, files))
	{
		return use;
	}
	if (auto use = holder_of(device))
	{
		return use;
	}
	return device.folder.empty() ? std::nullopt : attached_loop("/dev/" + device.name(), files);
}

// Whether the device or, for a partition, its disk is read-only.
bool is_read_only(node const& device)
{
	return first_line(device.folder / "ro") == "1"
		|| (device.is_partition() && first_line(device.folder.parent_path() / "ro") == "1");
}

std::optional<std::uint64_t> size_of(node const& device)
{
	auto const sectors = parse_number<std::uint64_t>(first_line(device.folder / "size"));
	return sectors ? std::optional(*sectors * sys_sector) : std::nullopt;
}

} // namespace

error opening_failed(std::string const& label, int const error_number)
{
	return fail(fault::target, system_error(error_number), "opening {}", label);
}

std::string device_label(std::string const& path)
{
	std::error_code ec;
	auto const real = fs::canonical(path, ec);
	if (ec || real == fs::absolute(path, ec).lexically_normal())
	{
		return path;
	}
	return fmt::format("{} ({})", path, real.string());
}

std::optional<std::string> device_use(block_device_id device, kernel_files const& files)
{
	auto const known = find_node(device, files);
	if (auto use = own_use(known, files))
	{
		return use;
	}
	for (auto const& partition : partitions(known))
	{
		if (auto const use = own_use(partition, files))
		{
			return fmt::format("its partition {} is {}", printable(partition.name()), *use);
		}
	}
	auto const disk = known.is_partition() ? node_of(known.folder.parent_path()) : std::nullopt;
	if (auto const use = disk ? own_use(*disk, files) : std::nullopt)
	{
		return fmt::format("its disk {} is {}", printable(disk->name()), *use);
	}
	return {};
}

std::optional<std::string> attached_loop(std::string const& real_path, kernel_files const& files)
{
	struct stat file = {};
	bool const is_there = ::stat(real_path.c_str(), &file) == 0 && S_ISREG(file.st_mode);
	for (auto const& device : entries(fs::path(files.sys) / "block"))
	{
		auto const behind = loop_file::behind(device);
		// the path of a block device counts too, and that of a file which is gone
		if (behind && (is_there ? behind->is(file) : behind->name() == real_path))
		{
			return "attached to " + printable(device.filename().string());
		}
	}
	return {};
}

namespace
{

std::vector<fs::path> processes(kernel_files const& files)
{
	auto all = entries(files.proc);
	std::erase_if(all, [](fs::path const& process) {
		return process.filename().string().find_first_not_of("0123456789") != std::string::npos;
	});
	return all;
}

std::string name_of(fs::path const& process)
{
	return fmt::format(
		"{} (process {})", printable(first_line(process / "comm")), process.filename().string());
}

// In the mount namespaces of other processes, each looked at once.
std::optional<std::string> mount_elsewhere(node const& device, kernel_files const& files)
{
	std::error_code ec; // a process that has ended, or that we may not look into, tells nothing
	std::set<fs::path> seen{fs::read_symlink(fs::path(files.proc) / "self" / "ns" / "mnt", ec)};
	for (auto const& process : processes(files))
	{
		auto const space = fs::read_symlink(process / "ns" / "mnt", ec);
		if (ec || !seen.insert(space).second)
		{
			continue;
		}
		if (auto const mount = mount_of(device, process / "mountinfo"))
		{
			return fmt::format("{} in the namespace of {}", *mount, name_of(process));
		}
	}
	return {};
}

std::optional<std::string> opener_of(node const& device, kernel_files const& files)
{
	auto const path = "/dev/" + device.name();
	for (auto const& process : processes(files))
	{
		for (auto const& descriptor : entries(process / "fd"))
		{
			std::error_code ec;
			if (fs::read_symlink(descriptor, ec) == path)
			{
				return "open in " + name_of(process);
			}
		}
	}
	return {};
}

} // namespace

std::optional<std::string> device_holder(block_device_id const device, kernel_files const& files)
{
	auto const known = find_node(device, files);
	if (known.folder.empty())
	{
		return {};
	}
	using look = std::optional<std::string> (*)(node const&, kernel_files const&);
	for (look const find : {look(&mount_elsewhere), look(&opener_of)})
	{
		if (auto use = find(known, files))
		{
			return use;
		}
		for (auto const& partition : partitions(known))
		{
			if (auto const use = find(partition, files))
			{
				return fmt::format("its partition {} is {}", printable(partition.name()), *use);
			}
		}
		auto const disk = known.is_partition() ? node_of(known.folder.parent_path()) : std::nullopt;
		if (auto const use = disk ? find(*disk, files) : std::nullopt)
		{
			return fmt::format("its disk {} is {}", printable(disk->name()), *use);
		}
	}
	return {};
}

result<void> check_block_device(
	std::string const& label, block_device_id device, std::uint64_t needed, kernel_files const& files)
{
	if (auto const use = device_use(device, files))
	{
		return fail(fault::target, "opening {}: {}", label, *use);
	}
	auto const known = find_node(device, files);
	if (known.folder.empty())
	{
		return success();
	}
	if (is_read_only(known))
	{
		return fail(fault::target, "opening {}: read-only", label);
	}
	auto const size = size_of(known);
	return size ? check_device_size(label, *size, needed) : success();
}

result<void> check_device_size(std::string const& label, std::uint64_t size, std::uint64_t needed)
{
	if (size >= needed)
	{
		return success();
	}
	return fail(
		fault::target, "opening {}: the device has {} bytes, the image needs {}", label, size, needed);
}

result<void> check_file_type(std::string const& label, mode_t mode)
{
	if (S_ISBLK(mode) || S_ISREG(mode) || S_ISDIR(mode))
	{
		return success();
	}
	auto const type = S_ISCHR(mode) ? "a character device"
		: S_ISFIFO(mode)            ? "a fifo"
		: S_ISSOCK(mode)            ? "a socket"
									: "no file";
	return fail(
		fault::target, "opening {}: {}, and neither a block device, an image file nor a folder", label, type);
}

bool is_below_dev(std::string const& path)
{
	std::error_code ec;
	auto const absolute =
		fs::absolute(path, ec); // not normalised: "link/.." is the parent of the link's target
	auto const folder = fs::weakly_canonical(absolute.parent_path(), ec);
	auto const text = ec ? absolute.parent_path().string() : folder.string();
	return text == "/dev" || text.starts_with("/dev/");
}

} // namespace rawswarm
