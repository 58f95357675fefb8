// SPDX-License-Identifier: BSD-3-Clause
// A network namespace without a name: the kernel removes it with its last process and open descriptor.
//
// One thread makes it and calls it. Errors are thrown.
#pragma once

#include "base/unique_fd.hpp"

#include <string>

namespace rawswarm::test
{

class net_namespace
{
public:
	net_namespace(); // empty; its loopback interface is down

	// The argument for `ip link … netns`. Valid as long as this object lives.
	std::string path() const;

	// The calling thread is in the namespace from construction to destruction, and so are the sockets and
	// child processes that it makes meanwhile.
	class visit
	{
	public:
		explicit visit(net_namespace const& where);
		~visit();
		visit(visit const&) = delete;
		visit& operator=(visit const&) = delete;

	private:
		unique_fd m_home;
	};

private:
	unique_fd m_fd;
};

} // namespace rawswarm::test
