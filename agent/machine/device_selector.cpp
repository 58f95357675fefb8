// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/device_selector.hpp"

#include "base/clean_text.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <fnmatch.h>
#include <sys/stat.h>

namespace rawswarm
{

namespace
{

// The kernel, udev and labels on disks write the same number with different prefixes.
std::string bare_wwn(std::string_view const text)
{
	auto const lower = lower_case(text);
	std::string_view bare = lower;
	for (std::string_view const head : {"wwn-", "naa.", "eui.", "0x"})
	{
		if (bare.starts_with(head))
		{
			bare.remove_prefix(head.size());
		}
	}
	return std::string(bare);
}

// A prefix without digits is not a number, and must not match the disks that have none.
bool is_wwn(std::string const& wish, std::string const& found)
{
	auto const bare = bare_wwn(wish);
	return !bare.empty() && bare == bare_wwn(found);
}

// Labels and tools have the blanks that disks pad their numbers with.
bool is_serial(std::string const& wish, std::string const& found)
{
	auto const bare = trim(wish, " ");
	return !bare.empty() && bare == found;
}

bool is_path_of(std::string const& path, block_device_id const id)
{
	struct stat status = {};
	return ::stat(path.c_str(), &status) == 0 && S_ISBLK(status.st_mode)
		&& block_device_id::of(status.st_rdev) == id;
}

// The model as the disk's label has it, or preceded by the vendor, as SCSI reports them.
bool is_model(std::string const& glob, disk_info const& disk)
{
	auto const with_vendor = disk.vendor + " " + disk.model;
	return ::fnmatch(glob.c_str(), disk.model.c_str(), 0) == 0
		|| ::fnmatch(glob.c_str(), with_vendor.c_str(), 0) == 0;
}

// An empty wish agrees with every disk.
bool agrees(std::string const& wish, std::string const& found)
{
	return wish.empty() || wish == found;
}

template <class T>
bool agrees(std::optional<T> const& wish, T const& found)
{
	return !wish || *wish == found;
}

// Whether the selector includes devices that the kernel makes of other devices.
bool reaches(device_selector const& s, disk_info const& disk)
{
	if (!s.path.empty())
	{
		return true;
	}
	if (disk.special || (disk.made_by_kernel && s.bus.empty()))
	{
		return false;
	}
	// "the smallest disk" is none that somebody may have plugged in
	bool const is_named = !s.serial.empty() || !s.wwn.empty() || !s.model.empty() || !s.bus.empty();
	return s.choose == tie_break::refuse || s.removable.value_or(false)
		|| (!disk.removable && (!disk.external || is_named));
}

char const* to_string(tie_break const choose)
{
	switch (choose)
	{
	case tie_break::smallest: return "smallest";
	case tie_break::largest: return "largest";
	case tie_break::first: return "first";
	case tie_break::refuse: break;
	}
	return "";
}

} // namespace

std::string describe(device_selector const& s)
{
	std::string text;
	auto const add = [&text](std::string_view const name, std::string const& value) {
		text += fmt::format(
			"{}{}{}{}", text.empty() ? "" : ", ", name, name.empty() ? "" : " ", clean_text(value));
	};
	for (auto const& [key, value] : selector_fields)
	{
		if (!(s.*value).empty())
		{
			// A path needs no word before it to be recognised.
			add(value == &device_selector::path ? std::string_view() : key, s.*value);
		}
	}
	std::array<std::pair<std::string_view, std::optional<std::uint64_t>>, 2> const sizes{
		{{"at least", s.min_size}, {"at most", s.max_size}}};
	for (auto const& [name, bytes] : sizes)
	{
		if (bytes)
		{
			add(name, fmt::format("{} bytes", *bytes));
		}
	}
	if (s.removable)
	{
		add("", *s.removable ? "removable" : "not removable");
	}
	if (s.rotational)
	{
		add("", *s.rotational ? "rotational" : "not rotational");
	}
	if (s.partition)
	{
		add("partition", std::to_string(*s.partition));
	}
	if (s.choose != tie_break::refuse)
	{
		add("the", to_string(s.choose));
	}
	return text;
}

bool matches(device_selector const& s, disk_info const& disk)
{
	return reaches(s, disk) && (s.path.empty() || is_path_of(s.path, disk.id))
		&& (s.serial.empty() || is_serial(s.serial, disk.serial))
		&& (s.wwn.empty() || is_wwn(s.wwn, disk.wwn)) && (s.model.empty() || is_model(s.model, disk))
		&& agrees(s.bus, disk.bus) && (!s.min_size || disk.size >= *s.min_size)
		&& (!s.max_size || disk.size <= *s.max_size) && agrees(s.removable, disk.removable)
		&& agrees(s.rotational, disk.rotational);
}

bool matches(device_selector const& s, partition_info const& partition)
{
	return agrees(s.partition, partition.number) && agrees(s.partlabel, partition.label)
		&& (s.partuuid.empty() || lower_case(s.partuuid) == partition.uuid);
}

} // namespace rawswarm
