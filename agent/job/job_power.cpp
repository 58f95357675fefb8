// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/job_power.hpp"

#include <algorithm>

#include <linux/capability.h>

namespace rawswarm
{

namespace
{

bool writes_disks(manifest const& job)
{
	return !job.partition_tables.empty() || !job.volumes.empty()
		|| std::ranges::any_of(
			job.targets, [](manifest_target const& t) { return t.role == target_role::image; });
}

} // namespace

least_power power_of(manifest const& job)
{
	least_power power;
	// ports below 1024, which are opened again when an address comes; sources and sockets of other users
	power.capabilities.add({CAP_NET_BIND_SERVICE, CAP_DAC_OVERRIDE});
	if (writes_disks(job) || job.capture)
	{
		// partition tables, caches, mounts; who else has a disk open
		power.capabilities.add({CAP_SYS_ADMIN, CAP_SYS_PTRACE});
	}
	for (auto const& t : job.targets)
	{
		if (!t.files.empty())
		{
			power.capabilities.add({CAP_CHOWN, CAP_FOWNER, CAP_FSETID}); // as the file that is replaced
		}
		if (t.boot_entry)
		{
			power.capabilities.add({CAP_LINUX_IMMUTABLE, CAP_FOWNER}); // as efivarfs guards its files
		}
	}
	if (!job.after.empty())
	{
		power.capabilities.add({CAP_KILL}); // they may become other users
		power.starts_any_program = true;
	}
	return power;
}

} // namespace rawswarm
