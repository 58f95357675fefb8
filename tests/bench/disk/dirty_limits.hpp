// SPDX-License-Identifier: BSD-3-Clause
// The kernel's limits of dirty pages (Documentation/admin-guide/sysctl/vm.rst), restored at the end, also
// after SIGINT, SIGTERM and SIGHUP. One run per machine at a time: a second one is refused.
#pragma once

#include "base/unique_fd.hpp"

#include <cstdint>
#include <string>

namespace rawswarm::bench
{

class dirty_limits
{
public:
	// bytes: vm.dirty_bytes; half of it is vm.dirty_background_bytes. Errors are thrown.
	explicit dirty_limits(std::int64_t bytes);
	~dirty_limits();
	dirty_limits(dirty_limits const&) = delete;
	dirty_limits& operator=(dirty_limits const&) = delete;

private:
	unique_fd m_lock; // held as long as the limits are changed
};

} // namespace rawswarm::bench
