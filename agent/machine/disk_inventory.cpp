// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/disk_inventory.hpp"

#include "agent/machine/disk_identity.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"
#include "storage/device/sys_block.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

template <class T>
std::optional<T> number_in(fs::path const& file)
{
	return parse_number<T>(first_line(file));
}

bool is_set(fs::path const& file)
{
	return first_line(file) == "1";
}

// The kernel writes names such as cciss/c0d0 with a ! in /sys.
std::string device_path(std::string name)
{
	std::ranges::replace(name, '!', '/');
	return "/dev/" + name;
}

// KEY=VALUE lines; the kernel puts the name of a GPT partition there.
std::string value_in_uevent(fs::path const& folder, std::string_view const key)
{
	std::ifstream in(folder / "uevent");
	for (std::string line; std::getline(in, line);)
	{
		if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == '=')
		{
			return line.substr(key.size() + 1);
		}
	}
	return {};
}

std::vector<partition_info> partitions_of(fs::path const& disk)
{
	std::vector<partition_info> found;
	for (auto const& folder : entries(disk))
	{
		auto const number = number_in<int>(folder / "partition");
		if (!number)
		{
			continue;
		}
		partition_info p;
		p.number = *number;
		p.path = device_path(folder.filename().string());
		p.id = parse_device_id(first_line(folder / "dev")).value_or(block_device_id());
		p.offset = number_in<std::uint64_t>(folder / "start").value_or(0) * sys_sector;
		p.size = number_in<std::uint64_t>(folder / "size").value_or(0) * sys_sector;
		p.label = value_in_uevent(folder, "PARTNAME");
		found.push_back(std::move(p));
	}
	std::ranges::sort(found, {}, &partition_info::number);
	return found;
}

std::optional<disk_info> disk_in(fs::path const& folder, kernel_files const& files)
{
	disk_info disk;
	disk.name = folder.filename().string();
	disk.size = number_in<std::uint64_t>(folder / "size").value_or(0) * sys_sector;
	auto const id = parse_device_id(first_line(folder / "dev"));
	bool const is_memory = disk.name.starts_with("ram");
	if (!id || disk.size == 0 || is_memory || is_set(folder / "hidden"))
	{
		return {};
	}
	disk.id = *id;
	disk.path = device_path(disk.name);
	disk.sector_size = number_in<std::uint64_t>(folder / "queue" / "logical_block_size").value_or(sys_sector);
	disk.removable = is_set(folder / "removable");
	disk.rotational = is_set(folder / "queue" / "rotational");
	disk.read_only = is_set(folder / "ro");
	disk.partitions = partitions_of(folder);
	read_identity_of(folder, files, disk);
	return disk;
}

// The longest prefix of digits, or of characters that are not digits.
std::string_view first_part(std::string_view const text)
{
	bool const digits = is_digit(text.front());
	auto const end = std::ranges::find_if(text, [=](char const c) { return is_digit(c) != digits; });
	return {text.begin(), end};
}

} // namespace

bool by_kernel_name(std::string_view a, std::string_view b)
{
	while (!a.empty() && !b.empty())
	{
		auto const x = first_part(a);
		auto const y = first_part(b);
		if (x != y)
		{
			// Numbers have no leading zeros, so that the longer is the larger. Within a family sdz precedes
			// sdaa; families such as loop and sd are ordered by their letters.
			bool const same_family = is_digit(x.front()) || x.substr(0, 2) == y.substr(0, 2);
			return same_family && x.size() != y.size() ? x.size() < y.size() : x < y;
		}
		a.remove_prefix(x.size());
		b.remove_prefix(y.size());
	}
	return a.size() < b.size();
}

std::vector<disk_info> list_disks(kernel_files const& files, table_reader const& read)
{
	std::vector<disk_info> disks;
	for (auto const& link : entries(fs::path(files.sys) / "block"))
	{
		std::error_code ec;
		auto const folder = fs::canonical(link, ec);
		auto disk = ec ? std::nullopt : disk_in(folder, files);
		if (disk)
		{
			if (read)
			{
				read(*disk);
			}
			disks.push_back(std::move(*disk));
		}
	}
	std::ranges::sort(disks, by_kernel_name, &disk_info::name);
	return disks;
}

} // namespace rawswarm
