// SPDX-License-Identifier: BSD-3-Clause
#include "base/in_memory.hpp"

#include <linux/magic.h>
#include <sys/statfs.h>

namespace rawswarm
{

bool is_in_memory(char const* const path) noexcept
{
	struct statfs found = {};
	return ::statfs(path, &found) == 0 && (found.f_type == RAMFS_MAGIC || found.f_type == TMPFS_MAGIC);
}

} // namespace rawswarm
