// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/plan_disks.hpp"

#include "agent/log/log.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"
#include "storage/device/open_device.hpp"
#include "storage/device/sys_block.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

std::function<void(error const&)> log_wait(device_selector const& s)
{
	return [&s](error const& why) {
		log::get(log::component::agent).info("waiting {} s at most: {}", s.wait.count(), why.text);
	};
}

// /dev/sda1, but /dev/nvme0n1p1: the kernel's rule (disk_name() of block/partitions/core.c).
std::string partition_path(std::string const& disk, int const number)
{
	return fmt::format("{}{}{}", disk, is_digit(disk.back()) ? "p" : "", number);
}

// The disk as it will be with this table. Extended partitions are left out: they hold partitions, not data.
disk_info with_table(disk_info disk, partition_table const& table)
{
	disk.partitions.clear();
	for (auto const& p : table.partitions)
	{
		if (!p.container)
		{
			disk.partitions.push_back(
				{p.number, partition_path(disk.path, p.number), {}, p.offset, p.length, p.label, p.uuid});
		}
	}
	return disk;
}

planned_table const* table_of(disk_info const& disk, std::span<planned_table const> const tables)
{
	auto const found = std::ranges::find(tables, disk.id, [](planned_table const& t) { return t.disk.id; });
	return found == tables.end() ? nullptr : &*found;
}

// Whether the partition exists and the kernel knows it, so that it is checked like any other device.
bool is_known(planned_table const& table, partition_info const& partition)
{
	return table.plan.already_there
		&& std::ranges::any_of(table.disk.partitions, [&](partition_info const& known) {
			   return known.number == partition.number && known.offset == partition.offset
				   && known.size == partition.size;
		   });
}

found_device of_partition(planned_table const& table, partition_info const& partition)
{
	if (is_known(table, partition))
	{
		return {partition.path, {}};
	}
	return {partition.path, new_partition{table.disk.path, partition, table.disk.sector_size}};
}

error overwrites_table(std::string const& path)
{
	return fail(fault::refused,
		"planning {}: the job writes a partition table to this disk, and an image over it", path);
}

result<found_device> device_at(std::string const& path, std::span<planned_table const> const tables)
{
	auto const real = real_path(path);
	for (auto const& table : tables)
	{
		if (real == table.disk.path)
		{
			return overwrites_table(path);
		}
		if (!partition_number(real, table.disk.path))
		{
			continue;
		}
		auto const planned = with_table(table.disk, table.plan.table).partitions;
		auto const found = std::ranges::find(planned, real, &partition_info::path);
		if (found == planned.end())
		{
			return fail(fault::target, "planning {}: the new partition table of {} does not have it", path,
				table.disk.path);
		}
		return of_partition(table, *found);
	}
	return found_device{path, {}};
}

// The number of a device and, if it is a partition, of its disk.
struct device_ids
{
	std::optional<block_device_id> own;
	std::optional<block_device_id> disk;
};

device_ids ids_of(std::string const& path)
{
	struct stat status = {};
	if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode))
	{
		return {};
	}
	auto const own = block_device_id::of(status.st_rdev);
	auto const folder = sys_folder(own, {});
	bool const is_partition = !folder.empty() && has_file(folder / "partition");
	return {own, is_partition ? parse_device_id(first_line(folder.parent_path() / "dev")) : std::nullopt};
}

// What b is to a; null: nothing.
char const* overlap(std::string const& a, std::string const& b)
{
	auto const x = ids_of(a);
	auto const y = ids_of(b);
	if (real_path(a) == real_path(b) || (x.own && x.own == y.own))
	{
		return "the same device";
	}
	if (x.own && x.own == y.disk)
	{
		return "a partition of it";
	}
	return y.own && y.own == x.disk ? "the disk that it is a partition of" : nullptr;
}

// A device that the job uses, and what for.
struct used_device
{
	std::string path;
	bool is_written = false;
	char const* use = "";
};

} // namespace

std::vector<disk_info> with_tables(std::vector<disk_info> disks, std::span<planned_table const> const tables)
{
	for (auto& disk : disks)
	{
		if (auto const* const t = table_of(disk, tables))
		{
			disk = with_table(std::move(disk), t->plan.table);
		}
	}
	return disks;
}

std::string real_path(std::string const& path)
{
	std::error_code ec;
	auto const real = fs::weakly_canonical(path, ec);
	return ec ? path : real.string();
}

std::optional<int> partition_number(std::string const& path, std::string const& disk)
{
	auto const begin = path.find_last_not_of("0123456789") + 1;
	auto const number = parse_number<int>(std::string_view(path).substr(begin));
	return number && path == partition_path(disk, *number) ? number : std::nullopt;
}

result<std::vector<planned_table>> plan_tables(std::span<manifest_partition_table const> const specs,
	disk_lister const& list, std::stop_token const& stop)
{
	std::vector<planned_table> tables;
	for (auto const& spec : specs)
	{
		BOOST_OUTCOME_TRY(device, find_device(spec.disk, list, stop, log_wait(spec.disk)));
		if (device.partition)
		{
			return fail(fault::target, "partitioning {}: a partition and no disk", device.path);
		}
		if (table_of(device.disk, tables) != nullptr)
		{
			return fail(
				fault::refused, "partitioning {}: the job has two partition tables for it", device.path);
		}
		BOOST_OUTCOME_TRYV(check_device(device.path));
		BOOST_OUTCOME_TRY(plan, plan_partition_table(device.path, spec.script));
		tables.push_back({std::move(device.disk), std::move(plan)});
		tables.back().plan.wipe = spec.wipe;
	}
	return tables;
}

result<found_device> device_for(std::string const& path, std::optional<device_selector> const& selector,
	std::span<planned_table const> const tables, disk_lister const& list, std::stop_token const& stop)
{
	if (!selector)
	{
		return device_at(path, tables);
	}
	auto const as_planned = [&] { return with_tables(list(), tables); };
	BOOST_OUTCOME_TRY(device, find_device(*selector, as_planned, stop, log_wait(*selector)));
	auto const* const table = table_of(device.disk, tables);
	if (table == nullptr)
	{
		return found_device{device.path, {}};
	}
	if (!device.partition)
	{
		return overwrites_table(device.path);
	}
	return of_partition(*table, *device.partition);
}

result<void> check_new_partition(
	new_partition const& made, std::uint64_t const needed, extent_map const& extents)
{
	BOOST_OUTCOME_TRYV(check_device_size(made.partition.path, made.partition.size, needed));
	return check_sectors(made.partition.path, made.sector_size, extents);
}

result<void> check_apart(
	std::span<manifest_target const> const targets, std::span<std::string const> const volumes)
{
	std::vector<used_device> used;
	for (auto const& target : targets)
	{
		used.push_back({target.device, target.role == target_role::image, "target"});
	}
	for (auto const& path : volumes)
	{
		used.push_back({path, true, "volume"});
	}
	for (std::size_t i = 0; i < used.size(); ++i)
	{
		for (std::size_t j = 0; j < i; ++j)
		{
			bool const written = used[i].is_written || used[j].is_written;
			auto const* const relation = written ? overlap(used[i].path, used[j].path) : nullptr;
			if (relation != nullptr)
			{
				return fail(fault::target, "opening {}: another {} is {}, {}", used[i].path, used[j].use,
					used[j].path, relation);
			}
		}
	}
	return success();
}

} // namespace rawswarm
