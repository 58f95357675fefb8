// SPDX-License-Identifier: BSD-3-Clause
// agent/http_server in a process of its own, with what a room's machines ask for: files to boot, a place for
// their reports, and an answer to announces.
#pragma once

#include <cstdint>
#include <string>

#include <sys/resource.h>
#include <sys/types.h>

namespace rawswarm::bench
{

class boot_server
{
public:
	// folder: of the files, which are below /boot. Ready when this returns. The process has one thread until
	// then.
	explicit boot_server(std::string const& folder);
	~boot_server();
	boot_server(boot_server const&) = delete;
	boot_server& operator=(boot_server const&) = delete;

	std::uint16_t port() const { return m_port; }

	// Ends it: what it took.
	rusage end();

private:
	pid_t m_pid = -1;
	std::uint16_t m_port = 0;
};

} // namespace rawswarm::bench
