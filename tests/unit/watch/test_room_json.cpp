// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/watch/history_sample.hpp"

#include <nlohmann/json.hpp>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using nlohmann::json;
using test::room_sample;
using test::sample_beacon;

json room_of(room_sample const& room, std::uint64_t since = 0)
{
	return json::parse(room_json(room.history, room.facts, room.at(), since));
}

json machine_of(room_sample const& room, std::uint32_t id = 1)
{
	return json::parse(machine_json(*room.history.find(id), room.at()));
}

} // namespace

TEST(room_json, an_empty_room_has_no_machines)
{
	room_sample const room;
	auto const j = room_of(room);
	EXPECT_EQ(j["version"], 1);
	EXPECT_EQ(j["time"], 1'700'000'000'000);
	EXPECT_TRUE(j["all"]);
	EXPECT_TRUE(j["machines"].empty());
	EXPECT_TRUE(j["states"].is_object());
}

TEST(room_json, a_machine_is_told_with_its_state_progress_and_rates)
{
	room_sample room;
	auto b = sample_beacon(1, 1, job_state::downloading, 427);
	b.p.targets.front().down = 1'000'000;
	b.p.targets.front().peers = 12;
	b.p.targets.front().eta_s = 90;
	room.hear(b);
	room.pass(2s);
	auto const m = room_of(room)["machines"][0];
	EXPECT_EQ(m["id"], 1);
	EXPECT_EQ(m["host"], "pc-1");
	EXPECT_EQ(m["agent"], "52:54:00:00:00:01");
	EXPECT_EQ(m["job"], "lab-3");
	EXPECT_EQ(m["state"], "downloading");
	EXPECT_EQ(m["silent"], false);
	EXPECT_EQ(m["percent"], 42.7);
	EXPECT_EQ(m["down"], 1'000'000);
	EXPECT_EQ(m["peers"], 12);
	EXPECT_EQ(m["eta_s"], 90);
	EXPECT_EQ(m["devices"], "/dev/sda");
	EXPECT_EQ(m["seen"], 1'700'000'000'000);
	EXPECT_FALSE(m.contains("error"));
}

TEST(room_json, the_room_is_summed_up_as_the_fleet_does)
{
	room_sample room;
	room.hear(sample_beacon(1, 1, job_state::downloading, 500));
	room.hear(sample_beacon(2, 1, job_state::downloading, 250));
	room.facts.totals = room.machines.totals();
	auto const totals = room_of(room)["totals"];
	EXPECT_EQ(totals["total"], 2000);
	EXPECT_EQ(totals["done"], 750);
	EXPECT_EQ(totals["lost"], 0);
	EXPECT_FALSE(totals.contains("eta_s"));
}

TEST(room_json, changes_of_orders_are_counted_only_where_there_are_orders)
{
	room_sample room;
	EXPECT_FALSE(room_of(room).contains("orders"));
	room.facts.orders = 7;
	EXPECT_EQ(room_of(room)["orders"], 7);
	EXPECT_EQ(room_of(room, 1)["orders"], 7) << "later events tell, too";
}

TEST(room_json, only_a_machine_that_waits_for_something_has_a_note)
{
	room_sample room;
	auto waits = sample_beacon(1, 1, job_state::downloading);
	waits.p.targets.front().note = "no peers";
	auto serves = sample_beacon(2, 1, job_state::seeding, 1000);
	serves.p.targets.front().note = "serves for 15s";
	room.hear(waits);
	room.hear(serves);
	auto const j = room_of(room);
	EXPECT_EQ(j["machines"][0]["note"], "no peers");
	EXPECT_FALSE(j["machines"][1].contains("note"));
}

TEST(room_json, percent_is_100_only_when_all_is_there)
{
	room_sample room;
	auto b = sample_beacon(1, 1, job_state::downloading, 99'999'999);
	b.p.targets.front().total = 100'000'000;
	room.hear(b);
	EXPECT_EQ(room_of(room)["machines"][0]["percent"], 99.9);
}

TEST(room_json, silent_and_failed_machines_are_counted_and_told)
{
	room_sample room;
	room.hear(sample_beacon(1, 1, job_state::downloading));
	auto failed = sample_beacon(2, 1, job_state::failed);
	failed.p.error = progress_error{5, "writing /dev/sda at 0x0: Input/output error"};
	room.hear(failed);
	room.pass(11s);
	auto const j = room_of(room);
	EXPECT_EQ(j["states"], (json{{"silent", 1}, {"failed", 1}}));
	EXPECT_EQ(j["machines"][0]["silent"], true);
	EXPECT_EQ(j["machines"][0]["state"], "downloading");
	EXPECT_EQ(j["machines"][1]["error"],
		(json{{"code", 5}, {"text", "writing /dev/sda at 0x0: Input/output error"}}));
}

TEST(room_json, only_what_has_changed_follows)
{
	room_sample room;
	room.hear(sample_beacon(1, 1, job_state::downloading));
	room.hear(sample_beacon(2, 1, job_state::downloading));
	room.pass(1s);
	auto const told = room.history.ticks();
	room.hear(sample_beacon(2, 2, job_state::done));
	room.pass(1s);
	auto const j = room_of(room, told);
	EXPECT_FALSE(j["all"]);
	ASSERT_EQ(j["machines"].size(), 1u);
	EXPECT_EQ(j["machines"][0]["host"], "pc-2");
	EXPECT_EQ(j["states"], (json{{"downloading", 1}, {"done", 1}}));
}

TEST(room_json, hostile_text_is_one_line_of_ascii_without_control_characters)
{
	room_sample room;
	auto b = sample_beacon(1, 1, job_state::failed);
	b.id.host = "<img src=x onerror=alert(1)>\n\x1b[2J\xff\"\xe2\x80\xae";
	b.p.targets.front().device = std::string(5000, 'd');
	b.p.error = progress_error{5, std::string(5000, 'e')};
	room.hear(b);
	auto const text = room_json(room.history, room.facts, room.at());
	EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; })) << text;
	EXPECT_LT(text.size(), 2000u);
	EXPECT_TRUE(
		room_of(room)["machines"][0]["host"].get<std::string>().starts_with("<img src=x onerror=alert(1)>?"));
}

TEST(room_json, a_machine_alone_is_told_with_its_phases_targets_and_rates)
{
	room_sample room;
	room.hear(sample_beacon(1, 1, job_state::planning));
	room.pass(2s);
	auto b = sample_beacon(1, 2, job_state::downloading, 500);
	b.p.targets.front().down = 300;
	b.p.targets.front().written = 400;
	b.p.targets.front().note = "no peers: none";
	b.p.storage.p99_ms = 46;
	b.p.uptime = 2500ms;
	room.hear(b);
	room.pass(3s);
	auto const j = machine_of(room);
	EXPECT_EQ(j["machine"]["state"], "downloading");
	EXPECT_EQ(j["machine"]["note"], "no peers: none");
	EXPECT_EQ(j["run"], "run-1");
	EXPECT_EQ(j["runs"], 1);
	EXPECT_EQ(j["uptime_ms"], 2500);
	EXPECT_EQ(j["targets"][0]["written"], 400);
	EXPECT_EQ(j["storage"]["p99_ms"], 46);
	ASSERT_EQ(j["phases"].size(), 2u);
	EXPECT_EQ(j["phases"][0]["state"], "planning");
	EXPECT_EQ(
		j["phases"][1]["began"].get<std::int64_t>() - j["phases"][0]["began"].get<std::int64_t>(), 2000);
	EXPECT_EQ(j["rates"]["down"], (json{0, 0, 300, 300, 300}));
	EXPECT_EQ(j["rates"]["interval_ms"], 1000);
	EXPECT_EQ(j["rates"]["until"], j["time"]);
}

TEST(room_json, rates_of_a_machine_that_is_over_reach_until_its_end)
{
	room_sample room;
	room.hear(sample_beacon(1, 1, job_state::downloading));
	room.pass(2s);
	room.hear(sample_beacon(1, 2, job_state::done));
	room.pass(60s);
	EXPECT_EQ(machine_of(room)["rates"]["until"], 1'700'000'002'000);
}

} // namespace rawswarm
