// SPDX-License-Identifier: BSD-3-Clause
#include "base/descriptor_limit.hpp"

#include <sys/resource.h>

namespace rawswarm
{

void raise_descriptor_limit() noexcept
{
	rlimit limit{};
	if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
	{
		limit.rlim_cur = limit.rlim_max;
		(void)::setrlimit(RLIMIT_NOFILE, &limit);
	}
}

} // namespace rawswarm
