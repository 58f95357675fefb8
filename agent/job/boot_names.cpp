// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/boot_names.hpp"

#include "agent/job/own_mount.hpp"
#include "agent/machine/kernel_partitions.hpp"
#include "agent/source_map/disk_layout.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

constexpr std::size_t largest_file = std::size_t(1) << 20;
constexpr std::size_t most_files = 256; // of a folder

// Files, and folders whose files are looked at, from the root of a file system. A boot partition has them
// without /boot.
constexpr char const* places[] = {"etc/fstab", "etc/crypttab", "etc/kernel/cmdline", "etc/default/grub",
	"boot/grub/grub.cfg", "grub/grub.cfg", "boot/grub2/grub.cfg", "grub2/grub.cfg", "boot/grub/menu.lst",
	"boot/loader/entries", "loader/entries", "boot/extlinux/extlinux.conf", "extlinux/extlinux.conf",
	"boot/syslinux/syslinux.cfg", "syslinux/syslinux.cfg", "syslinux.cfg", "cmdline.txt", "boot/cmdline.txt",
	"boot/firmware/cmdline.txt", "firmware/cmdline.txt", "EFI/debian", "EFI/ubuntu", "EFI/fedora",
	"EFI/BOOT"};

// Not through links, which may lead out of the file system.
bool is_plain(fs::path const& path, fs::file_type const type)
{
	std::error_code ec;
	return fs::symlink_status(path, ec).type() == type;
}

std::vector<fs::path> files_at(fs::path const& place)
{
	if (is_plain(place, fs::file_type::regular))
	{
		return {place};
	}
	std::vector<fs::path> files;
	if (is_plain(place, fs::file_type::directory))
	{
		std::error_code ec;
		for (fs::directory_iterator it(place, ec);
			 !ec && it != fs::directory_iterator() && files.size() < most_files; it.increment(ec))
		{
			if (is_plain(it->path(), fs::file_type::regular) && it->path().extension() != ".efi")
			{
				files.push_back(it->path());
			}
		}
	}
	return files;
}

std::string beginning_of(fs::path const& file)
{
	std::ifstream in(file, std::ios::binary);
	std::string text(largest_file, '\0');
	in.read(text.data(), static_cast<std::streamsize>(text.size()));
	text.resize(static_cast<std::size_t>(in.gcount()));
	return lower_case(text);
}

std::optional<boot_name> find_in(
	std::string const& root, int const partition, std::vector<std::string> const& ids)
{
	for (auto const* const place : places)
	{
		for (auto const& file : files_at(fs::path(root) / place))
		{
			auto const text = beginning_of(file);
			auto const id = std::ranges::find_if(
				ids, [&](std::string const& i) { return text.find(i) != std::string::npos; });
			if (id != ids.end())
			{
				return boot_name{partition, "/" + file.lexically_relative(root).string(), *id};
			}
		}
	}
	return std::nullopt;
}

// Without files of this kind nothing boots from it.
bool has_files(std::string const& type)
{
	constexpr char const* kinds[] = {"ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "exfat", "ntfs", "f2fs"};
	return std::ranges::find(kinds, type) != std::end(kinds);
}

} // namespace

result<boot_names> find_boot_names(std::string const& disk, std::vector<std::string> const& ids)
{
	boot_names names;
	for (auto const& p : kernel_partitions_of(disk))
	{
		BOOST_OUTCOME_TRY(type, content_of(p.node));
		if (!has_files(type))
		{
			continue;
		}
		auto const mounted = own_mount::make(p.node, type, mount_access::read_only);
		if (!mounted)
		{
			names.unseen.push_back(fmt::format("partition {} ({})", p.number, type));
			continue;
		}
		if (auto found = find_in(mounted.value().folder(), p.number, ids))
		{
			names.found = std::move(found);
			return names;
		}
	}
	return names;
}

} // namespace rawswarm
