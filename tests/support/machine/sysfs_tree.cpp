// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/machine/sysfs_tree.hpp"

#include "storage/device/sys_block.hpp"
#include "tests/support/base/source_tree.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace rawswarm::test
{

namespace
{

namespace fs = std::filesystem;

constexpr std::string_view is_file = " = ";
constexpr std::string_view is_link = " -> ";

// The byte that an escape sequence stands for, and the length of the sequence after its backslash.
std::pair<char, std::size_t> escape_at(std::string_view const text)
{
	unsigned byte = 0;
	auto const digits = text.substr(std::min<std::size_t>(text.size(), 1), 2);
	auto const parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
	if (text.starts_with('n'))
	{
		return {'\n', 1};
	}
	if (!text.starts_with('x') || parsed.ptr != digits.data() + 2)
	{
		throw std::runtime_error("reading a tree: no escape: " + std::string(text));
	}
	return {static_cast<char>(static_cast<unsigned char>(byte)), 3};
}

std::string decoded(std::string_view text)
{
	std::string plain;
	while (!text.empty())
	{
		bool const is_escape = text.front() == '\\';
		auto const [byte, length] = is_escape ? escape_at(text.substr(1)) : std::pair(text.front(), 0UL);
		plain += byte;
		text.remove_prefix(length + 1);
	}
	return plain;
}

void lay_out(fs::path const& root, std::string const& line)
{
	auto const file = line.find(is_file);
	auto const link = line.find(is_link);
	if (file < link)
	{
		write_file(
			root / line.substr(0, file), decoded(std::string_view(line).substr(file + is_file.size())));
		return;
	}
	if (link == std::string::npos)
	{
		throw std::runtime_error("reading a tree: neither a file nor a link: " + line);
	}
	auto const path = root / line.substr(0, link);
	auto const target = line.substr(link + is_link.size());
	fs::create_directories(path.parent_path());
	fs::create_symlink(target, path);
	// only the name of a subsystem or bus is read
	fs::create_directories((path.parent_path() / target).lexically_normal());
}

} // namespace

sysfs_tree::sysfs_tree(std::string const& name)
{
	std::istringstream lines(read_file(fixture_folder() / "sysfs" / (name + ".tree")));
	for (std::string line; std::getline(lines, line);)
	{
		if (!line.starts_with('#'))
		{
			lay_out(m_dir.path(), line);
		}
	}
}

std::vector<disk_info> sysfs_tree::disks() const
{
	return list_disks(files(), [this](disk_info& disk) {
		for (auto& p : disk.partitions)
		{
			auto const entry = m_dir.path() / p.path.substr(1);
			p.label = first_line(entry / "partlabel");
			p.uuid = first_line(entry / "partuuid");
		}
	});
}

std::vector<disk_info> recorded_disks(std::string const& tree)
{
	// writing a hundred small files takes a while
	static std::map<std::string, std::vector<disk_info>> known;
	auto const found = known.find(tree);
	return found != known.end() ? found->second : known.emplace(tree, sysfs_tree(tree).disks()).first->second;
}

disk_info const& disk_named(std::vector<disk_info> const& disks, std::string const& name)
{
	auto const found = std::ranges::find(disks, name, &disk_info::name);
	if (found == disks.end())
	{
		throw std::runtime_error("looking for " + name + ": not among the disks");
	}
	return *found;
}

} // namespace rawswarm::test
