// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/renew_ids.hpp"

#include "agent/machine/fdisk_disk.hpp"
#include "agent/machine/kernel_partitions.hpp"
#include "agent/machine/open_disk.hpp"
#include "agent/machine/write_label.hpp"
#include "base/parse_number.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <uuid/uuid.h>

namespace rawswarm
{

namespace
{

constexpr std::string_view renewing = "renewing the identifiers of";

std::string new_guid()
{
	std::array<unsigned char, sizeof(uuid_t)> id{};
	::uuid_generate_random(id.data());
	std::array<char, UUID_STR_LEN> text{};
	::uuid_unparse_lower(id.data(), text.data());
	return text.data();
}

// 0 means that there is none.
std::string new_mbr_id()
{
	std::random_device entropy;
	std::uint32_t const id = std::uniform_int_distribution<std::uint32_t>(1)(entropy);
	return fmt::format("0x{:08x}", id);
}

result<void> renew_partitions(open_disk const& disk, fdisk_disk& in_memory, partition_table const& table)
{
	for (auto const& p : table.partitions)
	{
		fdisk_ptr<fdisk_partition> const change(fdisk_new_partition());
		fdisk_partition_set_uuid(change.get(), new_guid().c_str());
		int const error =
			fdisk_set_partition(in_memory.get(), static_cast<std::size_t>(p.number - 1), change.get());
		if (error != 0)
		{
			return fail(fault::target, "{} {}: partition {}: {}", renewing, disk.label, p.number,
				in_memory.reason(error));
		}
	}
	return success();
}

} // namespace

std::vector<std::string> ids_of(partition_table const& table)
{
	std::vector<std::string> ids{std::string(without_hex_prefix(table.id))};
	for (auto const& p : table.partitions)
	{
		ids.push_back(p.uuid);
	}
	std::erase(ids, std::string());
	return ids;
}

result<void> renew_ids(std::string const& disk, std::chrono::milliseconds const wait)
{
	BOOST_OUTCOME_TRY(claimed, open_disk::open(disk, disk_access::claimed, renewing));
	BOOST_OUTCOME_TRY(in_memory, fdisk_disk::open(claimed, disk_access::claimed, renewing));
	BOOST_OUTCOME_TRY(table, in_memory.table());
	if (!table)
	{
		return fail(fault::target, "{} {}: it has no partition table", renewing, claimed.label);
	}
	auto const id = in_memory.is_gpt() ? new_guid() : new_mbr_id();
	if (int const error = fdisk_set_disklabel_id_from_string(in_memory.get(), id.c_str()); error != 0)
	{
		return fail(fault::target, "{} {}: {}", renewing, claimed.label, in_memory.reason(error));
	}
	if (in_memory.is_gpt())
	{
		BOOST_OUTCOME_TRYV(renew_partitions(claimed, in_memory, *table));
	}
	BOOST_OUTCOME_TRYV(write_label(claimed, in_memory));
	BOOST_OUTCOME_TRY(now, in_memory.table());
	BOOST_OUTCOME_TRYV(tell_kernel(claimed, now, wait));
	return success();
}

} // namespace rawswarm
