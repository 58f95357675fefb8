// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/target_state.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace rawswarm
{
namespace
{

constexpr std::array all_states{job_state::starting, job_state::planning, job_state::partitioning,
	job_state::checking, job_state::downloading, job_state::flushing, job_state::verifying,
	job_state::seeding, job_state::done, job_state::failed};

constexpr std::array all_events{target_event::opened, target_event::opened_to_check,
	target_event::opened_to_serve, target_event::checked, target_event::downloaded, target_event::safe,
	target_event::safe_to_verify, target_event::verified, target_event::served, target_event::error};

job_state overall(std::vector<job_state> const& states)
{
	std::vector<target_progress> targets;
	for (auto const state : states)
	{
		targets.emplace_back().state = state;
	}
	return overall_state(targets);
}

} // namespace

TEST(target_state, each_event_leads_where_the_table_says_and_the_others_mean_nothing)
{
	std::map<std::pair<job_state, target_event>, job_state> const expected{
		{{job_state::planning, target_event::opened}, job_state::downloading},
		{{job_state::planning, target_event::opened_to_check}, job_state::checking},
		{{job_state::planning, target_event::opened_to_serve}, job_state::seeding},
		{{job_state::checking, target_event::checked}, job_state::downloading},
		{{job_state::checking, target_event::opened_to_serve}, job_state::seeding},
		{{job_state::flushing, target_event::safe_to_verify}, job_state::verifying},
		{{job_state::verifying, target_event::verified}, job_state::seeding},
		{{job_state::downloading, target_event::downloaded}, job_state::flushing},
		{{job_state::flushing, target_event::safe}, job_state::seeding},
		{{job_state::seeding, target_event::served}, job_state::done},
	};
	for (auto const state : all_states)
	{
		for (auto const event : all_events)
		{
			if (event == target_event::error)
			{
				continue;
			}
			auto const it = expected.find({state, event});
			auto const wanted = it == expected.end() ? std::nullopt : std::optional(it->second);
			EXPECT_EQ(next_state(state, event), wanted)
				<< to_string(state) << ", event " << static_cast<int>(event);
		}
	}
}

TEST(target_state, an_error_fails_every_state_but_the_final_ones)
{
	for (auto const state : all_states)
	{
		auto const final = state == job_state::done || state == job_state::failed;
		EXPECT_EQ(is_final(state), final) << to_string(state);
		EXPECT_EQ(
			next_state(state, target_event::error), final ? std::nullopt : std::optional(job_state::failed))
			<< to_string(state);
	}
}

TEST(target_state, a_job_is_in_the_state_of_the_target_that_is_furthest_behind)
{
	for (auto const state : all_states)
	{
		EXPECT_EQ(overall({state}), state) << to_string(state);
	}
	EXPECT_EQ(overall({job_state::seeding, job_state::checking, job_state::flushing}), job_state::checking);
	EXPECT_EQ(overall({job_state::seeding, job_state::done}), job_state::seeding);
	EXPECT_EQ(overall({job_state::done, job_state::planning}), job_state::planning);
	EXPECT_EQ(overall({job_state::done, job_state::done}), job_state::done);
}

TEST(target_state, a_job_has_failed_once_a_target_failed_and_none_goes_on)
{
	EXPECT_EQ(overall({job_state::failed, job_state::downloading}), job_state::downloading);
	EXPECT_EQ(overall({job_state::seeding, job_state::failed}), job_state::seeding);
	EXPECT_EQ(overall({job_state::failed, job_state::done}), job_state::failed);
	EXPECT_EQ(overall({job_state::done, job_state::failed, job_state::done}), job_state::failed);
}

} // namespace rawswarm
