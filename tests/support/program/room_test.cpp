// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/room_test.hpp"

#include <iostream>

#include <unistd.h>

namespace rawswarm::test
{

void room_test::SetUp()
{
	if (::geteuid() != 0)
	{
		GTEST_SKIP() << "not root: no network namespaces";
	}
}

void room_test::TearDown()
{
	if (HasFailure() && m_agents)
	{
		std::cout << m_agents->describe();
	}
}

void room_test::make(room_size const& size)
{
	m_agents.reset();
	m_hosts.reset();
	m_folder.reset();
	m_folder.emplace();
	m_image = make_image(folder(), size.mib, size.piece_size, size.content);
	m_hosts.emplace(size.clients + 1, size.mbit);
	m_agents.emplace(*m_hosts, m_image, folder());
}

} // namespace rawswarm::test
