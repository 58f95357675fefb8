// SPDX-License-Identifier: BSD-3-Clause
// dnsmasq as a child of this program.
//
// It ends with this one, however that ends: the kernel kills it (PR_SET_PDEATHSIG) once the thread that
// started it is gone. So start() is called by a thread that lives as long as the program, the one that runs
// the io_context, which also calls everything else. Of our capabilities the child keeps those that DHCP and
// TFTP need.
#pragma once

#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace rawswarm
{

struct dnsmasq_calls
{
	std::function<void(std::string_view line)> on_line = {}; // of its log, safe to print
	// It has ended by itself; called once, as the last one. It may destroy the object.
	std::function<void(error)> on_end = {};
};

class dnsmasq
{
public:
	// program: a name to look for in PATH, or a path. config: the file of its configuration, which it is
	// asked to check first. What fails later (a port in use) comes by on_end. Blocks for some milliseconds.
	// fault::refused: it is not installed, or does not take its configuration.
	static result<std::unique_ptr<dnsmasq>> start(boost::asio::io_context& ios, std::string const& program,
		std::string const& config, dnsmasq_calls calls);

	// Ends it, by SIGTERM, and by SIGKILL if it has not obeyed after a second.
	~dnsmasq();
	dnsmasq(dnsmasq const&) = delete;
	dnsmasq& operator=(dnsmasq const&) = delete;

	pid_t pid() const;

private:
	class impl;
	explicit dnsmasq(std::unique_ptr<impl> implementation);
	std::unique_ptr<impl> m_impl;
};

} // namespace rawswarm
