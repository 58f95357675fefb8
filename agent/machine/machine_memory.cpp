// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/machine_memory.hpp"

#include "base/bytes.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <sys/sysinfo.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// Initial values, not measured: blocks enough for pieces of 4 MiB from several peers at once, and more than
// a network of today fills before a disk empties it.
constexpr std::int64_t usual_min = 32_MiB;
constexpr std::int64_t usual_max = 1_GiB;

// The least that a job can ask for.
constexpr std::int64_t least = 4_MiB;

// Space outside the block pool: the program, libtorrent's peers and buffers, torrents. Initial value, not
// measured.
constexpr std::int64_t program_space = 64_MiB;

// "MemTotal:        1017856 kB"
std::optional<std::int64_t> meminfo(kernel_files const& files, std::string_view const key)
{
	std::ifstream in(files.proc + "/meminfo");
	for (std::string line; std::getline(in, line);)
	{
		auto const digits = line.find_first_of("0123456789");
		if (line.starts_with(key) && line.substr(key.size(), 1) == ":" && digits != std::string::npos)
		{
			auto text = std::string_view(line).substr(digits);
			auto const kibibytes = take_number<std::int64_t>(text);
			return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
		}
	}
	return {};
}

void lower(std::optional<std::int64_t>& limit, std::optional<std::int64_t> const other)
{
	if (other && *other >= 0)
	{
		limit = std::min(limit.value_or(*other), *other);
	}
}

// The group's own limit and those of its parents, as far up as they are visible. A container may see its own
// group as the root, or be told a path that exists outside it only: missing files are skipped.
void lower_by_group(
	std::optional<std::int64_t>& limit, fs::path const& mounted, fs::path group, char const* const file)
{
	if (group.string().find("..") != std::string::npos)
	{
		group.clear(); // outside the part that is visible
	}
	for (auto at = group.relative_path();; at = at.parent_path())
	{
		std::ifstream in(mounted / at / file);
		std::string line; // "max" is no limit
		std::getline(in, line);
		lower(limit, parse_number<std::int64_t>(line));
		if (at.empty())
		{
			return;
		}
	}
}

// Lines of "4:cpu,memory:/path" (v1) and "0::/path" (v2).
std::optional<std::int64_t> lowest_limit(kernel_files const& files)
{
	std::optional<std::int64_t> limit;
	auto const mounts = fs::path(files.sys) / "fs" / "cgroup";
	std::ifstream in(files.proc + "/self/cgroup");
	for (std::string line; std::getline(in, line);)
	{
		auto const first = line.find(':');
		auto const second = first == std::string::npos ? first : line.find(':', first + 1);
		if (second == std::string::npos)
		{
			continue;
		}
		auto const controllers = std::string_view(line).substr(first + 1, second - first - 1);
		auto const group = line.substr(second + 1);
		if (controllers.empty())
		{
			lower_by_group(limit, mounts, group, "memory.max");
			lower_by_group(limit, mounts / "unified", group, "memory.max"); // beside v1
		}
		else if (std::ranges::count(split(controllers, ','), "memory") > 0)
		{
			lower_by_group(limit, mounts / "memory", group, "memory.limit_in_bytes");
		}
	}
	return limit;
}

std::int64_t total_memory()
{
	struct sysinfo machine = {};
	::sysinfo(&machine); // cannot fail with a valid pointer
	return static_cast<std::int64_t>(machine.totalram) * machine.mem_unit;
}

} // namespace

machine_memory read_machine_memory(kernel_files const& files)
{
	auto const total = meminfo(files, "MemTotal");
	return {total ? *total : total_memory(), meminfo(files, "MemAvailable"), lowest_limit(files)};
}

std::int64_t automatic_memory(machine_memory const& machine) noexcept
{
	auto const wanted = std::clamp(machine.total / 4, usual_min, usual_max);
	auto left = machine.available;
	lower(left, machine.limit);
	return left ? std::max(std::min(wanted, *left - program_space), least) : wanted;
}

} // namespace rawswarm
