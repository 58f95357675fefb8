// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/machine_state.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace rawswarm
{
namespace
{

std::string state_of(char const* const machine, std::string_view const heard = {})
{
	return machine_state(nlohmann::ordered_json::parse(machine), heard);
}

TEST(machine_state, machine_at_work_is_in_the_state_that_it_tells)
{
	EXPECT_EQ(state_of(R"({"next":"image","job":{"image":"a","at":5}})", "downloading"), "downloading");
	EXPECT_EQ(state_of(R"({"next":"image","job":{"image":"a","at":5}})", "silent"), "silent");
	EXPECT_EQ(state_of(R"({"next":"image","job":{"image":"a","at":5}})"), "started");
}

TEST(machine_state, machine_that_is_over_is_what_the_book_knows)
{
	EXPECT_EQ(state_of(R"({"next":"disk"})"), "own disk");
	EXPECT_EQ(state_of(R"({"next":"disk"})", "silent"), "own disk")
		<< "it runs its own system, which sends nothing";
	EXPECT_EQ(state_of(R"({"next":"disk"})", "downloading"), "own disk")
		<< "it has no job: anybody can send a beacon";
	EXPECT_EQ(state_of(R"({"next":"disk","given":"a","given_at":7})", "done"), "done");
	EXPECT_EQ(state_of(R"({"next":"image","order":"a","given":"a","given_at":7})", "done"), "ordered");
	EXPECT_EQ(state_of(R"({"next":"capture","capture":"a"})"), "capture");
}

TEST(machine_state, failure_is_shown_until_an_image_has_arrived)
{
	EXPECT_EQ(state_of(R"({"next":"image","error":{"text":"x","code":5,"at":8},"given":"a","given_at":7})"),
		"failed");
	EXPECT_EQ(
		state_of(R"({"next":"disk","error":{"text":"x","code":5,"at":8},"given":"a","given_at":9})"), "done");
}

TEST(machine_state, disks_are_held_by_a_job_that_is_not_over)
{
	for (auto const* const state : {"starting", "planning", "partitioning", "checking", "downloading",
			 "flushing", "verifying", "finishing"})
	{
		EXPECT_TRUE(is_at_work(state)) << state;
	}
	for (auto const* const state : {"", "seeding", "done", "failed", "silent"})
	{
		EXPECT_FALSE(is_at_work(state)) << state;
	}
}

} // namespace
} // namespace rawswarm
