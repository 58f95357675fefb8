// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/partition_table.hpp"

#include "agent/machine/fdisk_disk.hpp"
#include "agent/machine/kernel_partitions.hpp"
#include "agent/machine/open_disk.hpp"
#include "agent/machine/partition_script.hpp"
#include "agent/machine/signatures.hpp"
#include "agent/machine/table_pages.hpp"
#include "agent/machine/write_label.hpp"
#include "storage/device/exact_io.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::string_view partitioning = "partitioning";

// The partition of this number, or an empty one.
table_partition find(partition_table const& table, int number)
{
	auto const found = std::ranges::find(table.partitions, number, &table_partition::number);
	return found == table.partitions.end() ? table_partition() : *found;
}

// The planned table, with everything that the script leaves to chance or does not mention taken from the
// disk.
partition_table with_chance_of(
	partition_table const& current, partition_table table, stated_table const& stated)
{
	table.id = stated.id ? table.id : current.id;
	for (auto const& line : stated.partitions)
	{
		auto const part = std::ranges::find(table.partitions, line.number, &table_partition::number);
		auto const there = find(current, line.number);
		bool const is_gpt = table.kind == "gpt";
		part->uuid = is_gpt && line.uuid ? part->uuid : there.uuid;
		part->label = is_gpt && !line.label ? there.label : part->label;
		part->attributes = is_gpt && !line.attributes ? there.attributes : part->attributes;
	}
	return table;
}

// Signatures of file systems over the whole disk and of tables of another kind, which would be found later
// beside the new table. libfdisk itself replaces a table of the same kind.
void wipe_others(fdisk_disk& disk, std::optional<partition_table> const& before, partition_table const& after)
{
	if (!before || before->kind != after.kind || fdisk_get_collision(disk.get()) != nullptr)
	{
		fdisk_enable_wipe(disk.get(), 1);
	}
}

// The partitions of `a` that `b` has as well: the same bytes, whatever else changed.
std::vector<table_partition> common_partitions(partition_table const& a, partition_table const& b)
{
	std::vector<table_partition> common;
	std::ranges::copy_if(a.partitions, std::back_inserter(common), [&b](table_partition const& p) {
		return std::ranges::any_of(b.partitions, [&p](table_partition const& other) {
			return other.offset == p.offset && other.length == p.length;
		});
	});
	return common;
}

bool lies_in(signature const& s, std::vector<table_partition> const& partitions)
{
	return std::ranges::any_of(partitions, [&s](table_partition const& p) {
		return s.offset.bytes + s.length > p.offset && s.offset.bytes < p.offset + p.length;
	});
}

// Overwrites what earlier uses left, before the kernel shows the partitions and something assembles it.
// Tables of the whole disk are libfdisk's. Returns why some could not be looked for.
result<std::string> wipe_old_signatures(
	open_disk const& disk, partition_table const& before, partition_table const& after)
{
	auto const kept = common_partitions(after, before);
	BOOST_OUTCOME_TRY(search, find_signatures(disk.fd.get(), disk.label));
	auto& all = search.found;
	std::erase_if(all, [&kept](signature const& s) { return s.is_table || lies_in(s, kept); });
	for (auto const& p : after.partitions)
	{
		bool const is_new = std::ranges::find(kept, p) == kept.end();
		if (is_new && !p.container)
		{
			BOOST_OUTCOME_TRY(inside, find_signatures(disk.fd.get(), disk.label, {p.offset}, p.length));
			all.insert(all.end(), inside.found.begin(), inside.found.end());
			search.unread = search.unread.empty() ? inside.unread : search.unread;
		}
	}
	for (auto const& s : all)
	{
		BOOST_OUTCOME_TRYV(write_zeros(disk.fd.get(), disk.label, s.offset, s.length));
	}
	return search.unread;
}

// True if all partitions end before what a GPT keeps for itself at the end of the disk.
result<bool> has_room(fdisk_disk const& disk, partition_table const& table)
{
	std::uint64_t last = 0;
	fdisk_ptr<fdisk_labelitem> const item(fdisk_new_labelitem());
	if (fdisk_get_disklabel_item(disk.get(), GPT_LABELITEM_LASTLBA, item.get()) != 0
		|| fdisk_labelitem_get_data_u64(item.get(), &last) != 0)
	{
		return fail(fault::internal, "a GPT without limits");
	}
	return std::ranges::all_of(table.partitions,
		[&](auto const& part) { return part.offset + part.length <= (last + 1) * disk.sector_size(); });
}

} // namespace

result<std::optional<partition_table>> read_partition_table(std::string const& disk)
{
	constexpr std::string_view reading = "reading the partition table of";
	BOOST_OUTCOME_TRY(opened, open_disk::open(disk, disk_access::read_only, reading));
	BOOST_OUTCOME_TRY(on_disk, fdisk_disk::open(opened, disk_access::read_only, reading));
	return on_disk.table();
}

result<table_plan> plan_partition_table(std::string const& disk, std::string const& script)
{
	BOOST_OUTCOME_TRY(opened, open_disk::open(disk, disk_access::read_only, partitioning));
	BOOST_OUTCOME_TRY(on_disk, fdisk_disk::open(opened, disk_access::read_only, partitioning));
	BOOST_OUTCOME_TRY(current, on_disk.table());
	bool const is_sound = !on_disk.has_warnings() && on_disk.unread().empty();

	BOOST_OUTCOME_TRY(in_memory, fdisk_disk::open(opened, disk_access::read_only, partitioning));
	BOOST_OUTCOME_TRY(stated, apply_script(in_memory, opened.label, script));
	BOOST_OUTCOME_TRY(planned, in_memory.table());
	table_plan plan;
	plan.unread = on_disk.unread();
	plan.table = std::move(planned).value();
	if (current && current->kind == plan.table.kind
		&& with_chance_of(*current, plan.table, stated) == *current)
	{
		plan.table = *current;
		plan.already_there = is_sound;
		BOOST_OUTCOME_TRY(text, on_disk.script());
		plan.script = std::move(text);
		return plan;
	}
	BOOST_OUTCOME_TRY(text, in_memory.script());
	plan.script = std::move(text);
	return plan;
}

result<std::string> write_partition_table(std::string const& disk, table_plan const& plan,
	std::chrono::milliseconds const wait, std::function<void()> const& on_change)
{
	BOOST_OUTCOME_TRY(claimed, open_disk::open(disk, disk_access::claimed, partitioning));
	auto const unreadable = unreadable_table_pages(claimed.fd.get());
	if (!unreadable.empty())
	{
		on_change();
		BOOST_OUTCOME_TRYV(clear_pages(claimed.fd.get(), claimed.label, unreadable));
	}
	BOOST_OUTCOME_TRY(in_memory, fdisk_disk::open(claimed, disk_access::claimed, partitioning));
	BOOST_OUTCOME_TRY(before, in_memory.table());
	BOOST_OUTCOME_TRYV(apply_script(in_memory, claimed.label, plan.script));
	BOOST_OUTCOME_TRY(after, in_memory.table());
	if (after != plan.table)
	{
		return fail(
			fault::target, "partitioning {}: the disk is not the one that was planned for", claimed.label);
	}
	wipe_others(in_memory, before, *after);
	if (unreadable.empty())
	{
		on_change();
	}
	std::string unread;
	if (plan.wipe)
	{
		BOOST_OUTCOME_TRY(text, wipe_old_signatures(claimed, before.value_or(partition_table()), *after));
		unread = std::move(text);
	}
	BOOST_OUTCOME_TRYV(write_label(claimed, in_memory));
	BOOST_OUTCOME_TRYV(tell_kernel(claimed, after, wait));
	return unread;
}

result<std::string> reread_partition_table(std::string const& disk, std::chrono::milliseconds const wait)
{
	constexpr std::string_view reading = "rereading the partition table of";
	BOOST_OUTCOME_TRY(opened, open_disk::open(disk, disk_access::read_only, reading));
	BOOST_OUTCOME_TRY(on_disk, fdisk_disk::open(opened, disk_access::read_only, reading));
	BOOST_OUTCOME_TRY(table, on_disk.table());
	return tell_kernel(opened, table, wait);
}

result<gpt_copy_place> find_gpt_copy(std::string const& disk)
{
	constexpr std::string_view reading = "reading the partition table of";
	BOOST_OUTCOME_TRY(opened, open_disk::open(disk, disk_access::read_only, reading));
	BOOST_OUTCOME_TRY(on_disk, fdisk_disk::open(opened, disk_access::read_only, reading));
	BOOST_OUTCOME_TRY(table, on_disk.table());
	std::uint64_t copy = 0;
	fdisk_ptr<fdisk_labelitem> const item(fdisk_new_labelitem());
	if (!table || !on_disk.is_gpt()
		|| fdisk_get_disklabel_item(on_disk.get(), GPT_LABELITEM_ALTLBA, item.get()) != 0
		|| fdisk_labelitem_get_data_u64(item.get(), &copy) != 0)
	{
		return gpt_copy_place::no_gpt;
	}
	return copy + 1 == fdisk_get_nsectors(on_disk.get()) ? gpt_copy_place::at_end : gpt_copy_place::elsewhere;
}

result<bool> move_backup_gpt(std::string const& disk, disk_access const access)
{
	constexpr std::string_view moving = "moving the backup GPT of";
	BOOST_OUTCOME_TRY(claimed, open_disk::open(disk, access, moving));
	BOOST_OUTCOME_TRYV(
		clear_pages(claimed.fd.get(), claimed.label, unreadable_table_pages(claimed.fd.get())));
	// libfdisk repairs it in memory as it reads, if it may write.
	BOOST_OUTCOME_TRY(in_memory, fdisk_disk::open(claimed, disk_access::claimed, moving));
	BOOST_OUTCOME_TRY(table, in_memory.table());
	if (!table || !in_memory.is_gpt()
		|| fdisk_label_is_changed(fdisk_get_label(in_memory.get(), nullptr)) == 0)
	{
		return false;
	}
	BOOST_OUTCOME_TRY(fits, has_room(in_memory, *table));
	if (!fits)
	{
		return fail(fault::target, "{} {}: the disk is too small for its partitions", moving, claimed.label);
	}
	BOOST_OUTCOME_TRYV(write_label(claimed, in_memory));
	return true;
}

} // namespace rawswarm
