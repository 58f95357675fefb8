// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/shrink_table.hpp"

#include "agent/machine/fdisk_disk.hpp"
#include "agent/machine/open_disk.hpp"
#include "agent/machine/partition_table.hpp"
#include "agent/machine/write_label.hpp"
#include "base/bytes.hpp"
#include "storage/device/exact_io.hpp"
#include "storage/device/gpt_ends.hpp"
#include "storage/device/sys_block.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::string_view shrinking = "shrinking a partition of";
constexpr int first_logical = 5; // of an MBR
constexpr std::uint64_t alignment = 1_MiB;

struct disk_size
{
	std::uint64_t sector = 0; // bytes
	std::uint64_t sectors = 0;
};

result<disk_size> size_of(open_disk const& disk)
{
	int sector = 0;
	std::uint64_t bytes = 0;
	if (::ioctl(disk.fd.get(), BLKSSZGET, &sector) != 0 || ::ioctl(disk.fd.get(), BLKGETSIZE64, &bytes) != 0
		|| sector <= 0)
	{
		return fail(fault::target, system_error(errno), "{} {}", shrinking, disk.label);
	}
	auto const unit = static_cast<std::uint64_t>(sector);
	return disk_size{unit, bytes / unit};
}

result<std::optional<gpt_parts>> gpt_of(open_disk const& disk, std::uint64_t const sector)
{
	return read_gpt(
		[&disk](device_offset const at, std::span<char> const bytes) {
			iovec const whole{bytes.data(), bytes.size()};
			return read_exactly(disk.fd.get(), disk.label, at, {&whole, 1});
		},
		sector);
}

result<void> write(open_disk const& disk, device_offset const at, std::string& bytes)
{
	iovec const whole{bytes.data(), bytes.size()};
	return write_exactly(disk.fd.get(), disk.label, at, {&whole, 1});
}

error does_not_fit(open_disk const& disk)
{
	return fail(
		fault::target, "{} {}: the disk is too small for the partitions of the image", shrinking, disk.label);
}

// Where a partition ends that may end there, and must have all up to `in_use`. Bytes.
std::uint64_t aligned_end(std::uint64_t const end, std::uint64_t const in_use)
{
	auto const aligned = end / alignment * alignment;
	return aligned >= in_use ? aligned : end;
}

// libfdisk takes no GPT that speaks of sectors which the disk does not have. So the table itself is made to
// fit here; libfdisk then makes the copy of it.
result<void> fit_gpt(open_disk const& disk, gpt_parts table, gpt_ends const& ends)
{
	set_ends(table, ends);
	auto header = table.start.substr(table.sector);
	BOOST_OUTCOME_TRYV(write(disk, table.entries_at, table.entries));
	BOOST_OUTCOME_TRYV(write(disk, {table.sector}, header));
	if (::fsync(disk.fd.get()) != 0)
	{
		return fail(fault::device, system_error(errno), "{} {}: syncing", shrinking, disk.label);
	}
	BOOST_OUTCOME_TRYV(move_backup_gpt(disk.path, disk_access::held));
	return success();
}

result<shrunk_partition> shrink_gpt(
	open_disk const& disk, gpt_parts table, disk_size const size, std::uint64_t const smallest)
{
	auto const before = ends_of(table);
	auto after = ends_on(table, size.sectors);
	if (!after)
	{
		return does_not_fit(disk);
	}
	if (after->last_partition < before.last_partition)
	{
		auto const in_use = smallest - std::min(smallest, table.copy_length());
		auto const end = aligned_end((after->last_partition + 1) * size.sector, in_use);
		after->last_partition = end / size.sector - 1;
	}
	BOOST_OUTCOME_TRYV(fit_gpt(disk, std::move(table), *after));
	BOOST_OUTCOME_TRY(now, read_partition_table(disk.path));
	if (!now || now->kind != "gpt")
	{
		return fail(fault::device, "{} {}: the table is not there any more", shrinking, disk.label);
	}
	if (after->last_partition == before.last_partition)
	{
		return shrunk_partition{};
	}
	auto const last = std::ranges::max_element(now->partitions, {}, &table_partition::offset);
	auto const gone = (before.last_partition - after->last_partition) * size.sector;
	return shrunk_partition{last->number, last->length + gone, last->length};
}

result<shrunk_partition> shrink_mbr(open_disk const& disk, disk_size const size, std::uint64_t const smallest)
{
	BOOST_OUTCOME_TRY(in_memory, fdisk_disk::open(disk, disk_access::claimed, shrinking));
	BOOST_OUTCOME_TRY(table, in_memory.table());
	if (!table || in_memory.is_gpt())
	{
		return fail(fault::target, "{} {}: it has no partition table", shrinking, disk.label);
	}
	auto const end = size.sectors * size.sector;
	shrunk_partition ret;
	for (auto const& p : table->partitions)
	{
		if (p.offset + p.length <= end)
		{
			continue;
		}
		if (p.container || p.number >= first_logical || p.offset >= end || ret.number != 0)
		{
			return does_not_fit(disk);
		}
		ret = {p.number, p.length, aligned_end(end, std::max(smallest, p.offset + 1)) - p.offset};
	}
	if (ret.number == 0)
	{
		return ret;
	}
	fdisk_ptr<fdisk_partition> const change(fdisk_new_partition());
	fdisk_partition_set_size(change.get(), ret.after / size.sector);
	int const error =
		fdisk_set_partition(in_memory.get(), static_cast<std::size_t>(ret.number - 1), change.get());
	if (error != 0)
	{
		return fail(fault::target, "{} {}: {}", shrinking, disk.label, in_memory.reason(error));
	}
	BOOST_OUTCOME_TRYV(write_label(disk, in_memory));
	return ret;
}

} // namespace

result<std::vector<byte_range>> ranges_of_table(std::string const& path)
{
	BOOST_OUTCOME_TRY(disk, open_disk::open(path, disk_access::read_only, shrinking));
	BOOST_OUTCOME_TRY(size, size_of(disk));
	BOOST_OUTCOME_TRY(table, gpt_of(disk, size.sector));
	if (!table)
	{
		return std::vector<byte_range>{{{0}, size.sector}};
	}
	auto const copy = std::min(table->copy_length(), size.sectors * size.sector);
	return std::vector<byte_range>{{{0}, table->start.size()}, {table->entries_at, table->entries.size()},
		{{size.sectors * size.sector - copy}, copy}};
}

result<shrunk_partition> shrink_table(std::string const& path, std::uint64_t const smallest)
{
	BOOST_OUTCOME_TRY(disk, open_disk::open(path, disk_access::held, shrinking));
	BOOST_OUTCOME_TRY(size, size_of(disk));
	BOOST_OUTCOME_TRY(table, gpt_of(disk, size.sector));
	return table ? shrink_gpt(disk, std::move(*table), size, smallest) : shrink_mbr(disk, size, smallest);
}

} // namespace rawswarm
