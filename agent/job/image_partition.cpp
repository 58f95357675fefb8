// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/image_partition.hpp"

#include "agent/machine/select_device.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

namespace rawswarm
{

namespace
{

using meant_partition = std::optional<device_selector>;

device_selector without_partition(device_selector s)
{
	s.partition.reset();
	s.partlabel.clear();
	s.partuuid.clear();
	return s;
}

// The same partition, on the disk of this path.
device_selector on_disk(device_selector const& s, std::string const& disk)
{
	device_selector ret;
	ret.path = disk;
	ret.partition = s.partition;
	ret.partlabel = s.partlabel;
	ret.partuuid = s.partuuid;
	ret.wait = std::chrono::seconds(0);
	return ret;
}

bool says_disk(device_selector const& s)
{
	device_selector nothing;
	nothing.wait = s.wait;
	return without_partition(s) != nothing;
}

result<meant_partition> by_path(std::string const& path, std::span<std::string const> const imaged)
{
	auto const real = real_path(path);
	for (auto const& disk : imaged)
	{
		auto const number = partition_number(real, real_path(disk));
		if (!number)
		{
			continue;
		}
		std::error_code ec;
		if (std::filesystem::is_symlink(path, ec))
		{
			return fail(fault::target,
				"planning {}: a link to {}, which an image replaces: its partitions are named by the disk "
				"and "
				"a number, name or UUID",
				path, real);
		}
		device_selector s;
		s.partition = number;
		return meant_partition(on_disk(s, disk));
	}
	return meant_partition();
}

error ambiguous(device_selector const& s, std::string const& disk)
{
	return fail(fault::target,
		"selecting {}: it may mean a partition that the image brings to {}, and one of another disk: it must "
		"say which disk",
		describe(s), disk);
}

bool is_path_of(std::string const& path, disk_info const& disk)
{
	device_selector s;
	s.path = path;
	return matches(s, disk);
}

result<meant_partition> by_disk(
	device_selector const& s, std::span<std::string const> const imaged, std::span<disk_info const> disks)
{
	auto const of_disk = without_partition(s);
	std::vector<std::string> meant;
	bool means_others = false;
	for (auto const& disk : disks)
	{
		auto const image =
			std::ranges::find_if(imaged, [&](std::string const& path) { return is_path_of(path, disk); });
		if (!matches(of_disk, disk))
		{
			continue;
		}
		if (image != imaged.end())
		{
			meant.push_back(*image);
			continue;
		}
		means_others = means_others
			|| std::ranges::any_of(disk.partitions, [&](partition_info const& p) { return matches(s, p); });
	}
	if (meant.empty())
	{
		return meant_partition();
	}
	if (s.choose != tie_break::refuse)
	{
		BOOST_OUTCOME_TRY(chosen, select(of_disk, disks));
		std::erase_if(
			meant, [&](std::string const& path) { return !chosen || !is_path_of(path, chosen->disk); });
		return meant.size() == 1 ? meant_partition(on_disk(s, meant.front()))
								 : result<meant_partition>(ambiguous(s, imaged.front()));
	}
	if (means_others || meant.size() > 1)
	{
		return ambiguous(s, meant.front());
	}
	return meant_partition(on_disk(s, meant.front()));
}

} // namespace

result<std::optional<device_selector>> image_partition(std::string const& path,
	std::optional<device_selector> const& selector, std::span<std::string const> const imaged,
	disk_lister const& list)
{
	if (imaged.empty())
	{
		return meant_partition();
	}
	auto const& named = selector ? selector->path : path;
	if (!named.empty())
	{
		BOOST_OUTCOME_TRY(partition, by_path(named, imaged));
		if (partition && selector && selector->names_partition())
		{
			return ambiguous(*selector, partition->path);
		}
		if (partition)
		{
			return partition;
		}
	}
	if (!selector || !selector->names_partition())
	{
		return meant_partition();
	}
	if (says_disk(*selector))
	{
		return by_disk(*selector, imaged, list());
	}
	return imaged.size() == 1 ? meant_partition(on_disk(*selector, imaged.front()))
							  : result<meant_partition>(ambiguous(*selector, imaged.front()));
}

result<std::string> find_image_partition(device_selector const& meant)
{
	BOOST_OUTCOME_TRY(found, find_device(meant, [] { return list_disks(); }));
	return std::move(found.path);
}

} // namespace rawswarm
