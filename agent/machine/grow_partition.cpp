// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/grow_partition.hpp"

#include "agent/machine/fdisk_disk.hpp"
#include "agent/machine/kernel_partitions.hpp"
#include "agent/machine/open_disk.hpp"
#include "agent/machine/write_label.hpp"
#include "base/bytes.hpp"

#include <algorithm>
#include <limits>

namespace rawswarm
{

namespace
{

constexpr std::string_view growing = "growing a partition of";
constexpr std::uint64_t alignment = 1_MiB;

result<table_partition> partition_to_grow(
	open_disk const& disk, std::optional<partition_table> const& table, int const number)
{
	if (!table || table->partitions.empty())
	{
		return fail(fault::target, "{} {}: it has no partition table", growing, disk.label);
	}
	auto const& all = table->partitions;
	auto found = number != 0 ? std::ranges::find(all, number, &table_partition::number)
							 : std::ranges::max_element(all, {},
								 [](table_partition const& p) { return p.container ? 0 : p.offset; });
	if (found == all.end() || found->container)
	{
		return fail(
			fault::target, "{} {}: there is no partition {} that could grow", growing, disk.label, number);
	}
	return *found;
}

// Behind the last sector that partitions may have.
std::uint64_t end_of_space(fdisk_disk const& disk)
{
	auto const sectors = static_cast<std::uint64_t>(fdisk_get_nsectors(disk.get()));
	if (!disk.is_gpt())
	{
		constexpr std::uint64_t of_mbr = std::numeric_limits<std::uint32_t>::max();
		return std::min(sectors, of_mbr) * disk.sector_size();
	}
	std::uint64_t last = 0;
	fdisk_ptr<fdisk_labelitem> const item(fdisk_new_labelitem());
	bool const is_known = fdisk_get_disklabel_item(disk.get(), GPT_LABELITEM_LASTLBA, item.get()) == 0
		&& fdisk_labelitem_get_data_u64(item.get(), &last) == 0;
	return is_known ? (last + 1) * disk.sector_size() : 0;
}

std::uint64_t end_of_growth(
	fdisk_disk const& disk, partition_table const& table, table_partition const& grows)
{
	auto end = end_of_space(disk);
	for (auto const& other : table.partitions)
	{
		if (other.number == grows.number)
		{
			continue;
		}
		if (other.offset > grows.offset)
		{
			end = std::min(end, other.offset);
		}
		else if (other.container && grows.offset < other.offset + other.length)
		{
			end = std::min(end, other.offset + other.length);
		}
	}
	return end / alignment * alignment;
}

result<void> set_length(
	open_disk const& disk, fdisk_disk& in_memory, int const number, std::uint64_t const length)
{
	fdisk_ptr<fdisk_partition> const change(fdisk_new_partition());
	fdisk_partition_set_size(change.get(), length / in_memory.sector_size());
	int const error =
		fdisk_set_partition(in_memory.get(), static_cast<std::size_t>(number - 1), change.get());
	if (error != 0)
	{
		return fail(fault::target, "{} {}: {}", growing, disk.label, in_memory.reason(error));
	}
	return success();
}

} // namespace

result<grown_partition> grow_partition(
	std::string const& disk, int const number, std::chrono::milliseconds const wait)
{
	BOOST_OUTCOME_TRY(claimed, open_disk::open(disk, disk_access::claimed, growing));
	// libfdisk moves the copy of a GPT in memory as it reads, if it may write
	BOOST_OUTCOME_TRY(in_memory, fdisk_disk::open(claimed, disk_access::claimed, growing));
	BOOST_OUTCOME_TRY(table, in_memory.table());
	BOOST_OUTCOME_TRY(grows, partition_to_grow(claimed, table, number));
	grown_partition ret{grows.number, grows.offset, grows.length, grows.length, {}};
	auto const end = end_of_growth(in_memory, *table, grows);
	if (end > grows.offset + grows.length)
	{
		ret.after = end - grows.offset;
		BOOST_OUTCOME_TRYV(set_length(claimed, in_memory, grows.number, ret.after));
	}
	if (fdisk_label_is_changed(fdisk_get_label(in_memory.get(), nullptr)) != 0)
	{
		BOOST_OUTCOME_TRYV(write_label(claimed, in_memory));
	}
	BOOST_OUTCOME_TRY(now, in_memory.table());
	BOOST_OUTCOME_TRYV(tell_kernel(claimed, now, wait));
	ret.node = partition_node(disk, grows.number);
	return ret;
}

} // namespace rawswarm
