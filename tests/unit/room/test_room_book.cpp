// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/parse_manifest.hpp"
#include "agent/room/room_book.hpp"
#include "agent/room/room_file.hpp"
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
using test::sample_server;
using test::second_mac;
using test::text_of;
using test::token_of;
using test::value_of;

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

TEST(room_book, a_failure_without_a_text_is_a_failure_all_the_same)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	EXPECT_EQ(
		finish(*book, pc, {.code = 5, .error = ""}), "pc-01 has failed with a: no reason given, exit code 5");
	EXPECT_EQ(book->records().at(first_mac).error, "no reason given, exit code 5");
	EXPECT_EQ(listed(*book, "pc-01").at("error").at("code"), 5);
}

TEST(room_book, a_machine_that_is_named_by_its_serial_number_is_known_once_it_has_said_it)
{
	sample_room const folder(
		R"({ "version": 1, "name": "lab", "machines": { "pc-01": { "serial": "S1" },
			"pc-02": { "uuid": "11111111-2222-3333-4444-555555555555" } } })");
	auto const book = folder.open();
	auto first = machine_at(first_mac);
	first.serial = "S1";
	auto second = machine_at(second_mac);
	second.uuid = "11111111-2222-3333-4444-555555555555";
	EXPECT_FALSE(book->is_known(first_mac));
	book->choose(first);
	book->choose(second);
	EXPECT_TRUE(book->is_known(first_mac));
	EXPECT_TRUE(book->is_known(second_mac));
	EXPECT_FALSE(book->is_known("52:54:00:00:00:99"));
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

TEST(room_book, a_forgotten_machine_is_as_new)
{
	sample_room const folder(one_machine);
	auto const book = folder.open();
	auto const pc = machine_at(first_mac);
	finish(*book, pc);
	EXPECT_EQ(value_of(book->forget("pc-01")), std::vector<std::string>{first_mac});
	EXPECT_EQ(choice_of(*book, pc), "image a");
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
