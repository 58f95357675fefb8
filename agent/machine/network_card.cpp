// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/network_card.hpp"

#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <fstream>
#include <system_error>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// Of the file "speed", in megabits per second. A card that does not tell says -1, or cannot be read.
constexpr std::int64_t bytes_per_megabit = 1'000'000 / 8;

std::string read_line(fs::path const& path)
{
	std::ifstream file(path);
	std::string line;
	std::getline(file, line);
	return std::string(trim(line));
}

} // namespace

std::optional<std::int64_t> card_rate(std::string const& mac, fs::path const& sys)
{
	std::optional<fs::path> found;
	std::error_code ec;
	for (fs::directory_iterator it(sys / "class/net", ec), end; !ec && it != end; it.increment(ec))
	{
		std::error_code ignored;
		if (mac.empty() || read_line(it->path() / "address") != mac
			|| !fs::exists(it->path() / "device", ignored))
		{
			continue;
		}
		if (found)
		{
			return {};
		}
		found = it->path();
	}
	if (!found)
	{
		return {};
	}
	auto const speed = parse_number<std::int64_t>(read_line(*found / "speed")).value_or(0);
	return speed > 0 ? std::optional(speed * bytes_per_megabit) : std::nullopt;
}

} // namespace rawswarm
