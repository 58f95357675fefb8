// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/sys_block.hpp"

#include "base/parse_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

namespace rawswarm
{

namespace fs = std::filesystem;

std::string first_line(fs::path const& file)
{
	std::ifstream in(file);
	std::string line;
	std::getline(in, line);
	return line;
}

std::vector<fs::path> entries(fs::path const& folder)
{
	std::vector<fs::path> found;
	std::error_code ec;
	for (fs::directory_iterator entry(folder, ec); !ec && entry != fs::directory_iterator();
		 entry.increment(ec))
	{
		found.push_back(entry->path());
	}
	std::ranges::sort(found);
	return found;
}

bool has_file(fs::path const& file)
{
	std::error_code ec;
	return fs::exists(file, ec);
}

std::optional<block_device_id> parse_device_id(std::string_view text)
{
	auto const major_number = take_number<unsigned>(text);
	if (!major_number || !text.starts_with(':'))
	{
		return {};
	}
	auto const minor_number = parse_number<unsigned>(text.substr(1));
	if (!minor_number)
	{
		return {};
	}
	return block_device_id{*major_number, *minor_number};
}

fs::path sys_folder(block_device_id device, kernel_files const& files)
{
	auto const link = fs::path(files.sys) / "dev" / "block"
		/ fmt::format("{}:{}", device.major_number, device.minor_number);
	std::error_code ec;
	auto folder = fs::canonical(link, ec);
	return ec ? fs::path() : folder;
}

} // namespace rawswarm
