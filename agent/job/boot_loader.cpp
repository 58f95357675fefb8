// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/boot_loader.hpp"

#include "agent/job/own_mount.hpp"
#include "agent/job/table_sector.hpp"
#include "agent/machine/boot_entries.hpp"
#include "agent/machine/kernel_partitions.hpp"
#include "agent/machine/load_option.hpp"
#include "agent/machine/partition_table.hpp"
#include "agent/machine/uefi.hpp"
#include "agent/machine/whole_disk.hpp"
#include "agent/source_map/disk_layout.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::string_view gpt_type = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
constexpr std::string_view mbr_type = "ef";

std::vector<table_partition> system_partitions(std::optional<partition_table> const& table)
{
	std::vector<table_partition> found;
	if (table)
	{
		std::ranges::copy_if(table->partitions, std::back_inserter(found),
			[&](table_partition const& p) { return p.type == (table->kind == "gpt" ? gpt_type : mbr_type); });
	}
	return found;
}

result<std::string> node_of(std::string const& device, int const partition)
{
	auto node = partition_node(device, partition);
	if (node.empty())
	{
		return fail(fault::target, "opening partition {}: the kernel does not show it", partition);
	}
	return node;
}

enum class loader_search
{
	found,
	missing,
	nothing_there // no file system at all
};

// FAT does not tell upper case from lower case.
result<loader_search> look_for(std::string const& device, int const partition, std::string path)
{
	BOOST_OUTCOME_TRY(node, node_of(device, partition));
	BOOST_OUTCOME_TRY(type, content_of(node));
	if (type.empty())
	{
		return loader_search::nothing_there;
	}
	BOOST_OUTCOME_TRY(mounted, own_mount::make(node, type, mount_access::read_only));
	std::ranges::replace(path, '\\', '/');
	std::error_code ignored; // it is not there
	return std::filesystem::is_regular_file(mounted.folder() + path, ignored) ? loader_search::found
																			  : loader_search::missing;
}

// The first of the system partitions that has the loader.
result<table_partition> find_loader(
	std::string const& device, std::vector<table_partition> const& among, std::string const& loader)
{
	if (among.empty())
	{
		return fail(fault::target, "it has no EFI system partition");
	}
	for (auto const& partition : among)
	{
		BOOST_OUTCOME_TRY(search, look_for(device, partition.number, loader));
		if (search == loader_search::found)
		{
			return partition;
		}
	}
	return fail(
		fault::target, "partition {}, the EFI system partition, has no {}", among.front().number, loader);
}

result<std::string> enter(
	std::string const& device, boot_entry_request const& request, kernel_files const& files)
{
	auto const loader = request.loader.empty() ? fallback_loader(files) : request.loader;
	BOOST_OUTCOME_TRY(table, read_partition_table(device));
	BOOST_OUTCOME_TRY(partition, find_loader(device, system_partitions(table), loader));
	auto const sector = sector_of_whole_disk(device);
	if (!sector)
	{
		return fail(fault::device, "the size of its sectors is not known");
	}
	BOOST_OUTCOME_TRY(variables, efi_variables::open(files));
	auto option = make_load_option(request.label, *table, partition, *sector, loader);
	BOOST_OUTCOME_TRY(
		name, put_boot_entry(variables, {request.label, std::move(option), request.first, request.next}));
	return fmt::format("the firmware's entry {} \"{}\" starts {} on partition {}{}", name, request.label,
		loader, partition.number, request.next ? ", and is next" : "");
}

error about(std::string const& device, error const& e)
{
	return fail(e.kind, "making a boot entry for {}: {}", device, e.text);
}

} // namespace

result<void> check_boot_entry(std::string const& device, kernel_files const& files)
{
	if (!is_whole_disk(device))
	{
		return fail(fault::target, "opening {}: no whole disk that firmware could boot from", device);
	}
	if (::geteuid() != 0)
	{
		return fail(fault::target, "opening {}: mounting needs root", device);
	}
	auto const variables = efi_variables::open(files);
	return variables ? success() : result<void>(about(device, variables.error()));
}

result<std::string> make_boot_entry(
	std::string const& device, boot_entry_request const& request, kernel_files const& files)
{
	auto entered = enter(device, request, files);
	return entered ? std::move(entered) : about(device, entered.error());
}

bool may_be_started_by_uefi(std::string const& device, kernel_files const& files)
{
	return is_started_by_uefi(files) && is_whole_disk(device);
}

std::string note_on_fallback(std::string const& device, kernel_files const& files)
{
	auto const table = read_partition_table(device);
	if (!table)
	{
		return fmt::format("whether firmware finds a loader could not be seen: {}", table.error().text);
	}
	auto const loader = fallback_loader(files);
	std::string note;
	for (auto const& partition : system_partitions(table.value()))
	{
		auto const search = look_for(device, partition.number, loader);
		if (!search)
		{
			note = fmt::format("whether partition {} has {} could not be seen: {}", partition.number, loader,
				search.error().text);
		}
		else if (search.value() == loader_search::found)
		{
			return {};
		}
		else if (search.value() == loader_search::missing && note.empty())
		{
			note = fmt::format("partition {}, the EFI system partition, has no {}: firmware that forgets its "
							   "boot entries, or has none for this disk, will not start it",
				partition.number, loader);
		}
	}
	return note;
}

} // namespace rawswarm
