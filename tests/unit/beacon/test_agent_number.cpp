// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/agent_number.hpp"
#include "agent/beacon/run_identity.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace rawswarm
{
namespace
{

// Of this process, as tests run in parallel.
std::string a_machine()
{
	return make_run_id();
}

} // namespace

TEST(agent_number, agents_of_one_machine_have_different_numbers)
{
	auto const machine = a_machine();
	agent_number const first(machine);
	agent_number const second(machine);
	agent_number const of_another(a_machine());
	EXPECT_EQ(first.value(), 1);
	EXPECT_EQ(second.value(), 2);
	EXPECT_EQ(of_another.value(), 1);
}

TEST(agent_number, an_agent_that_is_started_again_has_the_number_that_it_had)
{
	auto const machine = a_machine();
	std::optional<agent_number> first(machine);
	agent_number const second(machine);
	first.reset();
	first.emplace(machine);
	EXPECT_EQ(first->value(), 1);
}

TEST(agent_number, the_first_agent_of_a_machine_has_its_name_alone)
{
	EXPECT_EQ(agent_id("52:54:00:12:34:56", 1), "52:54:00:12:34:56");
	EXPECT_EQ(agent_id("52:54:00:12:34:56", 2), "52:54:00:12:34:56/2");
}

} // namespace rawswarm
