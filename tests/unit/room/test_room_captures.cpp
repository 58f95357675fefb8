// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/room_book.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/unit/room/room_steps.hpp"

#include <gtest/gtest.h>

namespace rawswarm
{
namespace
{

using test::choice_of;
using test::finish;
using test::first_mac;
using test::job_of;
using test::machine_at;
using test::one_machine;
using test::sample_room;
using test::second_mac;
using test::text_of;
using test::token_text_of;
using test::value_of;

TEST(room_book, a_capture_goes_before_everything_else_and_is_of_one_machine)
{
	sample_room const folder(R"({ "version": 1, "name": "lab", "image": "a", "machines": {
		"pc-01": { "mac": "52:54:00:00:00:01" }, "pc-02": { "mac": "52:54:00:00:00:02" } } })");
	auto const book = folder.open();
	EXPECT_EQ(text_of(book->capture("all", "gold"), fault::usage), "capturing as gold: all are 2 machines");
	EXPECT_EQ(text_of(book->capture("pc-01", "a"), fault::refused),
		"capturing as a: there is an image of this name");
	EXPECT_EQ(text_of(book->capture("pc-01", "../a"), fault::usage),
		"capturing as ../a: must be a name of letters, digits, '.', '_' and '-', 63 at most");
	value_of(book->capture("pc-01", "gold"));
	auto const pc = machine_at(first_mac);
	EXPECT_EQ(choice_of(*book, pc), "capture gold");
	EXPECT_EQ(finish(*book, pc), "pc-01 was captured as gold");
	EXPECT_EQ(choice_of(*book, pc), "image a");
}

// It serves from its beginning on, which is done in the words of beacons.
TEST(room_book, a_beacon_does_not_say_that_a_machine_was_captured_but_that_it_failed)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	value_of(book->capture("pc-01", "gold"));
	job_of(*book, pc);
	EXPECT_EQ(value_of(book->beacon(first_mac, "lab/pc-01/gold", "10.0.0.9", true, {})), "");
	EXPECT_EQ(choice_of(*book, pc), "capture gold");
	EXPECT_EQ(value_of(book->beacon(
				  first_mac, "lab/pc-01/gold", "10.0.0.9", true, {.code = 6, .error = "it changed"})),
		"pc-01 has failed with gold: it changed");
	EXPECT_EQ(choice_of(*book, pc), "capture gold");
}

TEST(room_book, two_machines_are_not_captured_under_one_name)
{
	sample_room const folder(R"({ "version": 1, "name": "lab", "machines": {
		"pc-01": { "mac": "52:54:00:00:00:01" }, "pc-02": { "mac": "52:54:00:00:00:02" } } })");
	auto const book = folder.open();
	value_of(book->capture("pc-01", "gold"));
	EXPECT_EQ(text_of(book->capture("pc-02", "gold"), fault::refused),
		"capturing as gold: pc-01 is to be captured under this name");
	EXPECT_EQ(choice_of(*book, machine_at(second_mac)), "disk");
	value_of(book->capture("pc-01", "gold"));
	value_of(book->order("pc-01", ""));
	value_of(book->capture("pc-02", "gold"));
}

// The image of a capture that was taken back arrives all the same.
TEST(room_book, an_image_that_has_arrived_is_of_the_machine_that_sent_it)
{
	sample_room const folder(R"({ "version": 1, "name": "lab", "machines": {
		"pc-01": { "mac": "52:54:00:00:00:01" }, "pc-02": { "mac": "52:54:00:00:00:02" } } })");
	auto const book = folder.open();
	value_of(book->capture("pc-01", "gold"));
	auto const token = token_text_of(job_of(*book, machine_at(first_mac)));
	value_of(book->order("pc-01", ""));
	value_of(book->capture("pc-02", "gold"));
	EXPECT_EQ(value_of(book->captured(token)), "pc-01 reports on a job that is over, gold");
	EXPECT_EQ(choice_of(*book, machine_at(second_mac)), "capture gold");
	EXPECT_EQ(
		text_of(book->captured("x"), fault::refused), "reading a report: its token is none of this room's");
}

} // namespace
} // namespace rawswarm
