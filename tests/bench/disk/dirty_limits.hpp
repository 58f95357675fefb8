// The kernel's limits of dirty pages (Documentation/admin-guide/sysctl/vm.rst), put back in the end, after
// SIGINT, SIGTERM and SIGHUP as well. One at a time.
#pragma once

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
};

} // namespace rawswarm::bench
