// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/net_namespace.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <filesystem>

#include <fcntl.h>
#include <sched.h>

namespace rawswarm::test
{

namespace
{

unique_fd current()
{
	unique_fd fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
	if (!fd)
	{
		throw_errno("opening this network namespace");
	}
	return fd;
}

void enter(unique_fd const& where)
{
	if (::setns(where.get(), CLONE_NEWNET) != 0)
	{
		throw_errno("entering a network namespace");
	}
}

} // namespace

net_namespace::net_namespace()
{
	auto const home = current();
	if (::unshare(CLONE_NEWNET) != 0)
	{
		throw_errno("a network namespace");
	}
	m_fd = current();
	enter(home);
}

// /proc may belong to another PID namespace, in which this thread has another number.
std::string net_namespace::path() const
{
	auto const self = std::filesystem::read_symlink("/proc/self");
	return ("/proc" / self / "fd" / std::to_string(m_fd.get())).string();
}

net_namespace::visit::visit(net_namespace const& where)
	: m_home(current())
{
	enter(where.m_fd);
}

net_namespace::visit::~visit()
{
	// cannot fail: the thread was in it before
	::setns(m_home.get(), CLONE_NEWNET);
}

} // namespace rawswarm::test
