// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/write_label.hpp"

#include <cerrno>

#include <unistd.h>

namespace rawswarm
{

result<void> write_label(open_disk const& disk, fdisk_disk& in_memory)
{
	BOOST_OUTCOME_TRY(wanted, in_memory.table());
	in_memory.forget_messages();
	errno = 0;
	int const error = fdisk_write_disklabel(in_memory.get());
	if (error != 0)
	{
		return fail(
			fault::device, "partitioning {}: writing the table: {}", disk.label, in_memory.reason(error));
	}
	if (::fsync(disk.fd.get()) != 0)
	{
		return fail(fault::device, system_error(errno), "partitioning {}: syncing", disk.label);
	}
	BOOST_OUTCOME_TRY(again, fdisk_disk::open(disk, disk_access::read_only, "partitioning"));
	BOOST_OUTCOME_TRY(found, again.table());
	if (found != wanted || again.has_warnings())
	{
		return fail(
			fault::device, "partitioning {}: the table reads differently from what was written", disk.label);
	}
	return success();
}

} // namespace rawswarm
