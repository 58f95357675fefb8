// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/finish_disks.hpp"

#include "agent/job/after_steps.hpp"
#include "agent/job/boot_loader.hpp"
#include "agent/job/boot_names.hpp"
#include "agent/job/grow_file_system.hpp"
#include "agent/job/landed_files.hpp"
#include "agent/machine/grow_partition.hpp"
#include "agent/machine/partition_table.hpp"
#include "agent/machine/renew_ids.hpp"
#include "base/format_size.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

// Returns what a person should know.
result<std::string> make_unique_disk(std::string const& device, disk_ids const ids)
{
	std::string unseen;
	BOOST_OUTCOME_TRY(table, read_partition_table(device));
	if (ids == disk_ids::renew && table)
	{
		BOOST_OUTCOME_TRY(names, find_boot_names(device, ids_of(*table)));
		if (names.found)
		{
			return fail(fault::target,
				"renewing the identifiers of {}: {} on partition {} names {}; they stay as the image has "
				"them. "
				"\"unique\": \"anyway\" renews them all the same",
				device, names.found->file, names.found->partition, names.found->id);
		}
		unseen = fmt::format("{}", fmt::join(names.unseen, ", "));
	}
	BOOST_OUTCOME_TRYV(renew_ids(device, partition_wait));
	return unseen.empty() ? std::string("the disk and its partitions have identifiers of their own")
						  : fmt::format("the disk and its partitions have identifiers of their own; whether "
										"something in {} names the old ones could not be seen",
							  unseen);
}

std::string describe(grown_partition const& grown)
{
	if (grown.after == grown.before)
	{
		return fmt::format("partition {} stays as it is: there is no free space behind it", grown.number);
	}
	return fmt::format("partition {} has grown from {} to {}", grown.number,
		format_size(static_cast<std::int64_t>(grown.before)),
		format_size(static_cast<std::int64_t>(grown.after)));
}

result<void> make_grow(std::string const& device, grow_request const& request,
	std::function<void(std::string text)> const& note, std::stop_token const& stop)
{
	BOOST_OUTCOME_TRY(grown, grow_partition(device, request.partition, partition_wait));
	note(describe(grown));
	if (!grown.node.empty() && !stop.stop_requested())
	{
		BOOST_OUTCOME_TRY(text, grow_file_system(grown.node, stop));
		note(std::move(text));
	}
	return success();
}

result<void> see_to_boot(std::string const& device, std::optional<boot_entry_request> const& request,
	std::function<void(std::string text)> const& note)
{
	if (request)
	{
		BOOST_OUTCOME_TRY(text, make_boot_entry(device, *request));
		note(std::move(text));
	}
	if (may_be_started_by_uefi(device))
	{
		note(note_on_fallback(device));
	}
	return success();
}

} // namespace

bool asks_for_finishing(manifest const& job, std::span<disk_to_finish const> const disks)
{
	return !job.after.empty() || !job.volumes.empty()
		|| std::ranges::any_of(disks, [](disk_to_finish const& d) {
			   return d.grow || d.ids != disk_ids::keep || !d.files.empty() || d.boot_entry;
		   });
}

bool has_finishing(manifest const& job, std::span<disk_to_finish const> const disks)
{
	return asks_for_finishing(job, disks) || std::ranges::any_of(disks, [](disk_to_finish const& d) {
		return may_be_started_by_uefi(d.device);
	});
}

result<void> finish_disks(manifest const& job, std::span<disk_to_finish const> const disks,
	std::function<void(std::size_t disk, std::string text)> const& note, std::stop_token const& stop)
{
	std::vector<std::string> devices;
	for (std::size_t i = 0; i < disks.size() && !stop.stop_requested(); ++i)
	{
		auto const& [device, grow, ids, files, boot_entry] = disks[i];
		devices.push_back(device);
		if (ids != disk_ids::keep)
		{
			BOOST_OUTCOME_TRY(text, make_unique_disk(device, ids));
			note(i, std::move(text));
		}
		if (grow && !stop.stop_requested())
		{
			BOOST_OUTCOME_TRYV(make_grow(
				device, *grow, [&](std::string text) { note(i, std::move(text)); }, stop));
		}
		if (stop.stop_requested())
		{
			return success(); // the job's end says that a signal came
		}
		BOOST_OUTCOME_TRYV(land_files(device, files));
		BOOST_OUTCOME_TRYV(
			see_to_boot(device, boot_entry, [&](std::string text) { note(i, std::move(text)); }));
	}
	return run_steps(job.after, steps_environment(job.name, devices), stop);
}

} // namespace rawswarm
