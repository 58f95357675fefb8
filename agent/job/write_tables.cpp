// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/write_tables.hpp"

#include "agent/job/old_signatures.hpp"
#include "agent/log/log.hpp"
#include "agent/machine/partition_table.hpp"

#include <cstddef>

namespace rawswarm
{

namespace
{

result<void> write_table(planned_table const& table, table_progress& progress)
{
	auto& logger = log::get(log::component::agent);
	if (table.plan.already_there)
	{
		logger.info("{}: the partition table is the one that the job asks for", table.disk.path);
		BOOST_OUTCOME_TRY(note, reread_partition_table(table.disk.path, partition_wait));
		if (!note.empty())
		{
			logger.warn("{}: {}", table.disk.path, note);
		}
		return success();
	}
	if (!table.plan.unread.empty())
	{
		logger.warn("{}: not all of the table that is replaced can be read", table.plan.unread);
	}
	BOOST_OUTCOME_TRY(unread, write_partition_table(table.disk.path, table.plan, partition_wait, [&progress] {
		progress.changed = true;
	}));
	if (!unread.empty())
	{
		logger.warn("{}: {}", table.disk.path, note_on_unread(unread));
	}
	logger.info("{}: partitioned, {} with {} partitions", table.disk.path, table.plan.table.kind,
		table.plan.table.partitions.size());
	return success();
}

} // namespace

written_tables write_tables(std::span<planned_table const> const tables)
{
	written_tables written;
	for (auto const& table : tables)
	{
		written.tables.push_back({table.disk.path, table.plan.already_there, false});
	}
	for (std::size_t i = 0; i < tables.size(); ++i)
	{
		if (auto r = write_table(tables[i], written.tables[i]); !r)
		{
			written.failed = std::move(r).error();
			break;
		}
	}
	return written;
}

std::string what_was_changed(std::span<table_progress const> const tables)
{
	std::string disks;
	for (auto const& table : tables)
	{
		if (table.changed)
		{
			disks += (disks.empty() ? "" : ", ") + table.disk;
		}
	}
	return disks.empty()
		? disks
		: fmt::format("; the partition table of {} was changed before, it is no longer what it was", disks);
}

} // namespace rawswarm
