// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/parse_manifest.hpp"
#include "agent/room/room_book.hpp"
#include "agent/room/room_file.hpp"
#include "tests/support/base/text_of.hpp"
#include "tests/unit/room/room_sample.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace rawswarm
{
namespace
{

namespace fs = std::filesystem;

using test::first_mac;
using test::machine_at;
using test::sample_room;
using test::sample_server;
using test::second_mac;
using test::text_of;
using test::value_of;

constexpr char const* one_machine =
	R"({ "version": 1, "name": "lab", "image": "a", "machines": { "pc-01": { "mac": "52:54:00:00:00:01" } } })";

// "disk", or what it boots and which image.
std::string choice_of(room_book& book, room_identity const& who)
{
	auto const choice = book.choose(who);
	return choice.kind == boot_kind::own_disk ? "disk"
		: choice.kind == boot_kind::image     ? "image " + choice.image
											  : "capture " + choice.image;
}

nlohmann::json job_of(room_book& book, room_identity const& who)
{
	return nlohmann::json::parse(value_of(book.job_for(who, sample_server())).text);
}

// The token at the end of the URL that the job's report goes to.
report_token token_of(room_book const& book, nlohmann::json const& job)
{
	auto const url = job.at("report").at("to").get<std::string>();
	return value_of(book.read_token(url.substr(url.rfind('/') + 1)));
}

std::string finish(room_book& book, room_identity const& who, room_outcome const& outcome = {})
{
	return value_of(book.report(token_of(book, job_of(book, who)), outcome));
}

nlohmann::ordered_json listed(room_book const& book, std::string const& name)
{
	auto const list = book.list();
	for (auto const& machine : list.at("machines"))
	{
		if (machine.at("name") == name)
		{
			return machine;
		}
	}
	return {};
}

TEST(room_book, a_machine_gets_its_image_once)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	EXPECT_EQ(choice_of(*book, pc), "image a");
	EXPECT_EQ(choice_of(*book, pc), "image a");
	EXPECT_EQ(finish(*book, pc), "pc-01 has a");
	EXPECT_EQ(choice_of(*book, pc), "disk");
}

TEST(room_book, what_was_given_is_kept_without_a_word_of_farewell)
{
	sample_room const folder(one_machine);
	auto const pc = machine_at(first_mac);
	{
		auto const book = folder.open();
		finish(*book, pc);
	}
	auto const book = folder.open();
	EXPECT_EQ(choice_of(*book, pc), "disk");
	EXPECT_EQ(book->records().at(first_mac).given, "a");
	EXPECT_EQ(book->records().at(first_mac).given_at, folder.now);
}

TEST(room_book, a_report_counts_for_a_server_that_was_started_again)
{
	sample_room const folder(one_machine);
	auto const pc = machine_at(first_mac);
	std::string url;
	{
		auto const book = folder.open();
		value_of(book->order("pc-01", "b"));
		url = job_of(*book, pc).at("report").at("to");
	}
	auto const book = folder.open();
	auto const token = value_of(book->read_token(url.substr(url.rfind('/') + 1)));
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
			std::string url;
			{
				auto const book = folder.open();
				url = job_of(*book, pc).at("report").at("to");
			}
			EXPECT_FALSE(fs::exists(folder / "state/machines.json"));
			folder.now += later;
			auto const book = folder.open();
			if (asks_again)
			{
				EXPECT_EQ(choice_of(*book, pc), "image a");
			}
			auto const token = value_of(book->read_token(url.substr(url.rfind('/') + 1)));
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
		std::string url;
		{
			auto const book = folder.open();
			finish(*book, pc);
			value_of(book->order("pc-01", "a"));
			url = job_of(*book, pc).at("report").at("to");
			value_of(book->forget("pc-01"));
			auto const token = value_of(book->read_token(url.substr(url.rfind('/') + 1)));
			EXPECT_EQ(value_of(book->report(token, {})), "pc-01 reports on a job that is over, a");
		}
		folder.now += later;
		auto const book = folder.open();
		auto const token = value_of(book->read_token(url.substr(url.rfind('/') + 1)));
		EXPECT_EQ(value_of(book->report(token, {})), "pc-01 reports on a job that is over, a");
		EXPECT_EQ(choice_of(*book, pc), "image a");
		EXPECT_NE(token_of(*book, job_of(*book, pc)).turn, token.turn);
		EXPECT_EQ(value_of(book->report(token, {})), "pc-01 reports on a job that is over, a");
	}
}

TEST(room_book, another_image_in_room_json_is_given_and_the_same_is_not)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	finish(*book, pc);
	folder.write(
		R"({ "version": 1, "name": "lab", "machines": { "pc-01": { "mac": "52:54:00:00:00:01", "image": "b" } } })");
	book->take(value_of(read_room(folder.path())));
	EXPECT_EQ(finish(*book, pc), "pc-01 has b");
	EXPECT_EQ(choice_of(*book, pc), "disk");
	book->take(value_of(read_room(folder.path())));
	EXPECT_EQ(choice_of(*book, pc), "disk");
}

TEST(room_book, an_image_that_changes_while_a_machine_is_at_work_is_given_next)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	auto const token = token_of(*book, job_of(*book, pc));
	folder.write(
		R"({ "version": 1, "name": "lab", "image": "b", "machines": { "pc-01": { "mac": "52:54:00:00:00:01" } } })");
	book->take(value_of(read_room(folder.path())));
	EXPECT_EQ(value_of(book->report(token, {})), "pc-01 has a");
	EXPECT_EQ(choice_of(*book, pc), "image b");
}

TEST(room_book, an_order_goes_before_room_json_and_counts_once)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	EXPECT_EQ(value_of(book->order("pc-01", "b")), std::vector<std::string>{first_mac});
	EXPECT_EQ(choice_of(*book, pc), "image b");
	finish(*book, pc);
	EXPECT_EQ(choice_of(*book, pc), "disk") << "room.json's image was there when it was ordered";
	value_of(book->order("pc-01", "b"));
	EXPECT_EQ(choice_of(*book, pc), "image b") << "the same again, as somebody asked for it";
}

TEST(room_book, an_order_for_nothing_leaves_the_machine_alone)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	value_of(book->order("pc-01", ""));
	EXPECT_EQ(choice_of(*book, machine_at(first_mac)), "disk");
}

TEST(room_book, a_machine_that_nobody_named_boots_its_own_disk_and_is_listed)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const stranger = machine_at(second_mac);
	EXPECT_EQ(choice_of(*book, stranger), "disk");
	EXPECT_EQ(text_of(book->job_for(stranger, sample_server()), fault::refused),
		std::string("making the job of ") + second_mac + ": it boots its own disk");
	auto const entry = listed(*book, second_mac);
	EXPECT_EQ(entry.at("known"), false);
	EXPECT_EQ(entry.at("next"), "disk");
	EXPECT_EQ(entry.at("ip"), "10.0.0.9");

	value_of(book->order(second_mac, "a"));
	EXPECT_EQ(choice_of(*book, stranger), "image a") << "somebody asked for it";
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

TEST(room_book, a_forgotten_machine_is_as_new)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	finish(*book, pc);
	EXPECT_EQ(value_of(book->forget("pc-01")), std::vector<std::string>{first_mac});
	EXPECT_EQ(choice_of(*book, pc), "image a");
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
	auto const url = job_of(*book, machine_at(first_mac)).at("report").at("to").get<std::string>();
	auto const token = url.substr(url.rfind('/') + 1);
	for (auto const& wrong :
		{token.substr(1), token + "0", std::string("00") + token, std::string(), std::string("-")})
	{
		EXPECT_EQ(text_of(book->read_token(wrong), fault::refused),
			"reading a report: its token is none of this room's");
	}
	sample_room const other(one_machine);
	EXPECT_FALSE(other.open()->read_token(token)) << "another room has another secret";
}

TEST(room_book, a_machine_named_by_its_serial_number_is_the_same_at_another_card)
{
	sample_room const folder(
		R"({ "version": 1, "name": "lab", "image": "a", "machines": { "pc-01": { "serial": "S1" } } })");
	auto const book = folder.open();
	EXPECT_EQ(text_of(book->order("pc-01", "b"), fault::refused),
		"looking for pc-01: room.json does not say its hardware address, and it was not seen yet");
	auto pc = machine_at(first_mac);
	pc.serial = "S1";
	EXPECT_EQ(choice_of(*book, pc), "image a");
	EXPECT_EQ(finish(*book, machine_at(first_mac)), "pc-01 has a")
		<< "a job is asked for by the address alone";
	pc.mac = second_mac;
	EXPECT_EQ(choice_of(*book, pc), "disk");
	EXPECT_EQ(book->list().at("machines").size(), 1U);
	EXPECT_EQ(value_of(book->order("pc-01", "b")), std::vector<std::string>{second_mac});
}

TEST(room_book, names_groups_addresses_and_all_are_resolved)
{
	sample_room const folder(R"({ "version": 1, "machines": {
		"pc-01": { "mac": "52:54:00:00:00:01" }, "pc-02": { "mac": "52:54:00:00:00:02" }, "unseen": { "serial": "1" } },
		"groups": { "row": { "machines": ["pc-02", "pc-01", "unseen"] } } })");
	auto const book = folder.open();
	using macs = std::vector<std::string>;
	EXPECT_EQ(value_of(book->resolve("row")), (macs{second_mac, first_mac}));
	EXPECT_EQ(value_of(book->resolve("all")), (macs{first_mac, second_mac}));
	EXPECT_EQ(value_of(book->resolve("pc-02, 52-54-00-00-00-02,52:54:00:00:00:0A")),
		(macs{second_mac, "52:54:00:00:00:0a"}));
	EXPECT_EQ(text_of(book->resolve("pc-01,pc-03"), fault::usage),
		"looking for pc-03: no machine and no group has this name");
	EXPECT_FALSE(book->resolve(""));
}

TEST(room_book, an_image_that_is_not_good_is_not_given)
{
	sample_room const folder(one_machine);
	fs::resize_file(folder / "images/a.img", 1);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	EXPECT_EQ(choice_of(*book, pc), "disk");
	EXPECT_NE(book->choose(pc).trouble.find("it has 1 bytes"), std::string::npos);
	EXPECT_FALSE(book->order("pc-01", "a"));
	EXPECT_EQ(text_of(book->order("pc-01", "c"), fault::usage), "ordering c: there is no images/c.torrent");
	EXPECT_NE(listed(*book, "pc-01").at("trouble"), "");
}

TEST(room_book, a_job_is_one_that_a_machine_takes)
{
	sample_room const folder(R"({ "version": 1, "name": "lab", "image": "a", "target": { "grow": "last" },
		"job": { "swarm": { "lsd": false }, "beacon": { "interval_ms": 500 } },
		"machines": { "pc-01": { "mac": "52:54:00:00:00:01", "device": "/dev/sda" } } })");
	auto const book = folder.open();
	auto const job = job_of(*book, machine_at(first_mac));
	EXPECT_EQ(job.at("name"), "lab/pc-01/a");
	auto const& target = job.at("targets").at(0);
	EXPECT_EQ(target.at("torrent"), "http://10.0.0.1:8080/images/a.torrent");
	EXPECT_EQ(target.at("info_hash"), book->room().image("a")->info_hash);
	EXPECT_EQ(target.at("device"), "/dev/sda");
	EXPECT_EQ(target.at("grow"), "last");
	EXPECT_EQ(job.at("for").dump(), R"({"mac":["52:54:00:00:00:01"]})") << "no other machine takes it";
	EXPECT_EQ(job.at("swarm").dump(),
		R"({"lsd":false,"peers":["10.0.0.1:6881"],"trackers":["http://10.0.0.1:8080/announce"]})");
	EXPECT_EQ(job.at("beacon").dump(), R"({"interval_ms":500,"to":["10.0.0.1:7700"]})");
	EXPECT_EQ(job.at("on_success"), "reboot");
	EXPECT_EQ(text_of(parse_manifest(job.dump(), location::of_path("job.json"), {})), "fine");
}

TEST(room_book, the_same_job_is_the_same_bytes)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	EXPECT_EQ(
		value_of(book->job_for(pc, sample_server())).text, value_of(book->job_for(pc, sample_server())).text);
}

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
	auto const url = job_of(*book, machine_at(first_mac)).at("report").at("to").get<std::string>();
	auto const token = url.substr(url.rfind('/') + 1);
	value_of(book->order("pc-01", ""));
	value_of(book->capture("pc-02", "gold"));
	EXPECT_EQ(value_of(book->captured(token)), "pc-01 reports on a job that is over, gold");
	EXPECT_EQ(choice_of(*book, machine_at(second_mac)), "capture gold");
	EXPECT_EQ(
		text_of(book->captured("x"), fault::refused), "reading a report: its token is none of this room's");
}

TEST(room_book, an_order_for_more_machines_than_are_kept_is_given_to_none)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	std::string machines = "pc-01";
	for (std::size_t i = 0; i < room_state::max_records; ++i)
	{
		machines += fmt::format(",02:00:00:00:{:02x}:{:02x}", i / 256, i % 256);
	}
	auto const why = text_of(book->order(machines, "b"), fault::refused);
	EXPECT_TRUE(
		why.starts_with("ordering b for pc-01,02:00") && why.ends_with(": there are too many machines"))
		<< why.size();
	EXPECT_TRUE(book->records().empty());
	EXPECT_EQ(choice_of(*book, machine_at(first_mac)), "image a");
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

TEST(room_book, a_disk_that_takes_nothing_is_told_and_written_to_later)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	auto const token = token_of(*book, job_of(*book, pc));
	fs::rename(folder / "state", folder / "away");
	EXPECT_FALSE(book->report(token, {}));
	EXPECT_EQ(choice_of(*book, pc), "disk") << "it is known as long as the server lives";
	EXPECT_FALSE(book->flush());
	fs::rename(folder / "away", folder / "state");
	EXPECT_EQ(text_of(book->flush()), "fine");
	EXPECT_NE(test::read_file(folder / "state/machines.json").find("given"), std::string::npos);
}

TEST(room_book, changes_are_told)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	int changes = 0;
	book->on_change = [&] { ++changes; };
	value_of(book->order("pc-01", "b"));
	EXPECT_EQ(changes, 1);
	book->note_room_error("reading room.json: wrong");
	EXPECT_EQ(changes, 2);
	EXPECT_EQ(book->list().at("error"), "reading room.json: wrong");
}

} // namespace
} // namespace rawswarm
