// SPDX-License-Identifier: BSD-3-Clause
// What machines, and beacons, say of their jobs.
#include "agent/room/room_book.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/unit/room/room_steps.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;

using test::choice_of;
using test::finish;
using test::first_mac;
using test::job_of;
using test::listed;
using test::machine_at;
using test::one_machine;
using test::sample_room;
using test::text_of;
using test::token_of;
using test::token_text_of;
using test::value_of;

TEST(room_book, a_report_counts_for_a_server_that_was_started_again)
{
	sample_room const folder(one_machine);
	auto const pc = machine_at(first_mac);
	std::string token_text;
	{
		auto const book = folder.open();
		value_of(book->order("pc-01", "b"));
		token_text = token_text_of(job_of(*book, pc));
	}
	auto const book = folder.open();
	auto const token = value_of(book->read_token(token_text));
	EXPECT_EQ(value_of(book->report(token, {})), "pc-01 has b");
	EXPECT_EQ(choice_of(*book, pc), "disk");
}

// SIGKILL before a record that was just made is written.
TEST(room_book, a_report_counts_whose_record_was_not_written)
{
	for (auto const later : {0, 1, 1000})
	{
		for (bool const asks_again : {false, true})
		{
			sample_room folder(one_machine);
			auto const pc = machine_at(first_mac);
			std::string token_text;
			{
				auto const book = folder.open();
				token_text = token_text_of(job_of(*book, pc));
			}
			EXPECT_FALSE(fs::exists(folder / "state/machines.json"));
			folder.now += later;
			auto const book = folder.open();
			if (asks_again)
			{
				EXPECT_EQ(choice_of(*book, pc), "image a");
			}
			auto const token = value_of(book->read_token(token_text));
			EXPECT_EQ(value_of(book->report(token, {})), "pc-01 has a") << later << asks_again;
			EXPECT_EQ(choice_of(*book, pc), "disk");
		}
	}
}

TEST(room_book, a_report_from_before_its_machine_was_forgotten_is_late)
{
	for (auto const later : {0, 1, 1000})
	{
		sample_room folder(one_machine);
		auto const pc = machine_at(first_mac);
		std::string token_text;
		{
			auto const book = folder.open();
			finish(*book, pc);
			value_of(book->order("pc-01", "a"));
			token_text = token_text_of(job_of(*book, pc));
			value_of(book->forget("pc-01"));
			auto const token = value_of(book->read_token(token_text));
			EXPECT_EQ(value_of(book->report(token, {})), "pc-01 reports on a job that is over, a");
		}
		folder.now += later;
		auto const book = folder.open();
		auto const token = value_of(book->read_token(token_text));
		EXPECT_EQ(value_of(book->report(token, {})), "pc-01 reports on a job that is over, a");
		EXPECT_EQ(choice_of(*book, pc), "image a");
		EXPECT_NE(token_of(*book, job_of(*book, pc)).turn, token.turn);
		EXPECT_EQ(value_of(book->report(token, {})), "pc-01 reports on a job that is over, a");
	}
}

TEST(room_book, a_failure_is_listed_and_the_image_is_given_again)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	EXPECT_EQ(finish(*book, pc, {.code = 5, .error = "writing /dev/sda: \x1b[31mInput/output error"}),
		"pc-01 has failed with a: writing /dev/sda: ?[31mInput/output error");
	EXPECT_EQ(choice_of(*book, pc), "image a");
	EXPECT_EQ(listed(*book, "pc-01").at("error").at("code"), 5);
	finish(*book, pc);
	EXPECT_FALSE(listed(*book, "pc-01").contains("error"));
}

TEST(room_book, late_and_repeated_reports_change_nothing)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	auto const token = token_of(*book, job_of(*book, pc));
	value_of(book->report(token, {}));
	EXPECT_EQ(value_of(book->report(token, {})), "pc-01 reports on a job that is over, a");
	value_of(book->order("pc-01", "a"));
	value_of(book->report(token, {}));
	EXPECT_EQ(choice_of(*book, pc), "image a") << "the report is of the job before the order";
	value_of(book->forget("pc-01"));
	value_of(book->report(token, {}));
	EXPECT_EQ(choice_of(*book, pc), "image a") << "the report is of the time before it was forgotten";
}

TEST(room_book, a_beacon_counts_from_where_the_job_was_fetched_or_signed)
{
	sample_room const folder(one_machine);
	auto const pc = machine_at(first_mac);
	auto const after = [&](char const* job, char const* ip, bool is_signed) {
		fs::remove_all(folder / "state");
		auto const book = folder.open();
		job_of(*book, pc);
		(void)value_of(book->beacon(first_mac, job, ip, is_signed, {}));
		return choice_of(*book, pc);
	};
	EXPECT_EQ(after("lab/pc-01/a", "10.0.0.9", false), "disk");
	EXPECT_EQ(after("lab/pc-01/a", "10.0.0.8", true), "disk");
	EXPECT_EQ(after("lab/pc-01/a", "10.0.0.8", false), "image a");
	EXPECT_EQ(after("lab/pc-01/b", "10.0.0.9", true), "image a");
	EXPECT_EQ(after("lab/pc-02/a", "10.0.0.9", true), "image a");
}

TEST(room_book, a_beacon_of_a_machine_that_was_given_nothing_is_passed_over)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	EXPECT_EQ(choice_of(*book, pc), "image a");
	EXPECT_EQ(value_of(book->beacon(first_mac, "lab/pc-01/a", "10.0.0.9", true, {})), "");
	EXPECT_EQ(choice_of(*book, pc), "image a");
}

TEST(room_book, a_token_that_was_changed_is_none)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const token = token_text_of(job_of(*book, machine_at(first_mac)));
	for (auto const& wrong :
		{token.substr(1), token + "0", std::string("00") + token, std::string(), std::string("-")})
	{
		EXPECT_EQ(text_of(book->read_token(wrong), fault::refused),
			"reading a report: its token is none of this room's");
	}
	sample_room const other(one_machine);
	EXPECT_FALSE(other.open()->read_token(token)) << "another room has another secret";
}

TEST(room_book, a_job_that_fails_time_and_again_is_written_at_once_only_the_first_time)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	auto const token = token_of(*book, job_of(*book, pc));
	auto const written = [&] { return test::read_file(folder / "state/machines.json"); };
	value_of(book->report(token, {.code = 7, .error = "no peers"}));
	auto const first = written();
	EXPECT_NE(first.find("no peers"), std::string::npos);
	value_of(book->report(token, {.code = 5, .error = "no space"}));
	EXPECT_EQ(written(), first);
	EXPECT_EQ(listed(*book, "pc-01").at("error").at("text"), "no space");
	EXPECT_EQ(text_of(book->flush()), "fine");
	EXPECT_NE(written().find("no space"), std::string::npos);
}

TEST(room_book, a_beacon_from_elsewhere_is_told_once_and_with_what_it_says)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	job_of(*book, pc);
	auto const said = [&](std::string const& ip, int const code) {
		return value_of(book->beacon(first_mac, "lab/pc-01/a", ip, false, {.code = code, .error = "lost"}));
	};
	EXPECT_EQ(said("10.0.0.8", 1),
		"a beacon from 10.0.0.8 says that pc-01 has failed, which fetched its job from 10.0.0.9; it does not "
		"count");
	EXPECT_EQ(said("10.0.0.8", 1), "");
	EXPECT_EQ(said("10.0.0.7", 0), "");
	EXPECT_EQ(said("10.0.0.9", 0), "pc-01 has a");
	value_of(book->order("pc-01", "a"));
	job_of(*book, pc);
	EXPECT_TRUE(said("10.0.0.8", 0).starts_with("a beacon from 10.0.0.8 says that pc-01 is done, "));
}

} // namespace
} // namespace rawswarm
