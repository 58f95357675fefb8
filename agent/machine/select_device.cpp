// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/select_device.hpp"

#include "base/clean_text.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

// How often /sys is searched while a disk is late.
constexpr std::chrono::milliseconds look_interval{200};

constexpr std::size_t max_candidates = 12; // initial value, not measured: a message is one line

bool is_path_of(std::string const& path, partition_info const& partition)
{
	std::error_code ec;
	auto const real = std::filesystem::canonical(path, ec);
	return !ec && real == partition.path;
}

// The path of a partition names the partition and its disk.
device_selector without_path(device_selector s)
{
	s.path.clear();
	return s;
}

struct match
{
	disk_info const* disk = nullptr;
	partition_info const* partition = nullptr; // null: the disk
};

std::uint64_t size_of(match const& m)
{
	return m.disk->size;
}

void add_matches(device_selector const& s, disk_info const& disk, std::vector<match>& found)
{
	bool const is_disk = matches(s, disk);
	if (is_disk && !s.names_partition())
	{
		found.push_back({&disk, nullptr});
		return;
	}
	auto const of_disk = without_path(s);
	for (auto const& partition : disk.partitions)
	{
		bool const by_path = !s.path.empty() && is_path_of(s.path, partition) && matches(of_disk, disk);
		if ((is_disk || by_path) && matches(s, partition))
		{
			found.push_back({&disk, &partition});
		}
	}
}

// All disks that the rule puts first: more than one is still a tie.
std::vector<match> break_tie(std::vector<match> found, tie_break const choose)
{
	if (found.size() < 2 || choose == tie_break::refuse)
	{
		return found;
	}
	// An external disk counts only where there is no other.
	if (std::ranges::any_of(found, [](match const& m) { return !m.disk->external; }))
	{
		std::erase_if(found, [](match const& m) { return m.disk->external; });
	}
	if (choose == tie_break::first)
	{
		// The disks are in the order of their names.
		auto const* const disk = found.front().disk;
		std::erase_if(found, [disk](match const& m) { return m.disk != disk; });
		return found;
	}
	auto const [smallest, largest] = std::ranges::minmax(found, {}, size_of);
	auto const size = size_of(choose == tie_break::smallest ? smallest : largest);
	std::erase_if(found, [size](match const& m) { return size_of(m) != size; });
	return found;
}

std::string describe(match const& m)
{
	return m.partition == nullptr ? describe(*m.disk)
								  : fmt::format("{} on {}", m.partition->path, describe(*m.disk));
}

template <class Range>
std::string list(Range const& candidates)
{
	std::string text;
	std::size_t count = 0;
	for (auto const& c : candidates)
	{
		if (count == max_candidates)
		{
			return text + fmt::format(" and {} more", candidates.size() - count);
		}
		text += fmt::format("{}{}", count == 0 ? "" : ", ", describe(c));
		++count;
	}
	return text;
}

error none_matches(device_selector const& s, std::vector<disk_info> const& disks)
{
	return fail(fault::target, "selecting {}: none matches; {}{}", describe(s),
		disks.empty() ? "there is no disk" : "there are ", list(disks));
}

} // namespace

std::string describe(disk_info const& disk)
{
	std::string text = disk.path + " (";
	if (!disk.model.empty())
	{
		text += clean_text(disk.model) + ", ";
	}
	if (!disk.serial.empty())
	{
		text += "serial " + clean_text(disk.serial) + ", ";
	}
	text += fmt::format("{} bytes", disk.size);
	return text + (disk.removable ? ", removable)" : disk.external ? ", external)" : ")");
}

result<std::optional<selected_device>> select(
	device_selector const& s, std::span<disk_info const> const disks)
{
	std::vector<match> found;
	for (auto const& disk : disks)
	{
		add_matches(s, disk, found);
	}
	found = break_tie(std::move(found), s.choose);
	if (found.size() > 1)
	{
		return fail(fault::target, "selecting {}: {} match: {}", describe(s), found.size(), list(found));
	}
	if (found.empty())
	{
		return std::optional<selected_device>();
	}
	auto const& [disk, partition] = found.front();
	selected_device selected{disk->path, *disk, {}};
	if (partition != nullptr)
	{
		selected.path = partition->path;
		selected.partition = *partition;
	}
	return std::optional(std::move(selected));
}

result<selected_device> find_device(device_selector const& s,
	std::function<std::vector<disk_info>()> const& list_now, std::stop_token const& stop,
	std::function<void(error const&)> const& waiting)
{
	bool told = false;
	for (auto const end = clock::now() + s.wait;;)
	{
		auto const disks = list_now();
		BOOST_OUTCOME_TRY(found, select(s, disks));
		if (found)
		{
			return std::move(*found);
		}
		if (clock::now() >= end || stop.stop_requested())
		{
			return none_matches(s, disks);
		}
		if (waiting && !std::exchange(told, true))
		{
			waiting(none_matches(s, disks));
		}
		std::this_thread::sleep_for(look_interval);
	}
}

} // namespace rawswarm
