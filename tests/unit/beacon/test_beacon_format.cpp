// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_format.hpp"
#include "agent/beacon/beacon_mac.hpp"
#include "tests/support/network/beacon_sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <string>

namespace rawswarm
{

namespace
{

using nlohmann::json;
using test::a_target;
using test::an_identity;
using test::some_progress;

} // namespace

TEST(beacon, keys_stand_in_the_documented_order)
{
	auto p = some_progress();
	p.error = progress_error{5, "writing /dev/sda1 at 0x1f400000: Input/output error"};
	EXPECT_EQ(encode_beacon(an_identity(), 17, p),
		R"({"rawswarm":1,"job":"lab-3","agent":"52:54:00:12:34:56","host":"pc-07",)"
		R"("run":"6f1c0000000000000000000000000001","seq":17,"uptime_ms":41200,"state":"downloading",)"
		R"("targets":[{"device":"/dev/sda1","info_hash":"9f2c000000000000000000000000000000000000",)"
		R"("state":"downloading","total":53687091200,"done":1073741824,"written":1073741823,"synced":1,)"
		R"("down":112000000,"up":98000000,"peers":12,"wire_fetched":500000000,"wire_uploaded":400000000,"ratio":2.125,)"
		R"("eta_s":470}],)"
		R"("storage":{"pool":0.41,"cache_hit":0.93,"blocks_per_write":58.2,"dirty":0.25,"p50_ms":1.5,)"
		R"("p99_ms":40.0,"stopped_ms":1200,"read_back":7},)"
		R"("error":{"code":5,"text":"writing /dev/sda1 at 0x1f400000: Input/output error"}})");
}

TEST(beacon, what_is_not_known_is_left_out)
{
	auto p = some_progress();
	p.targets[0].eta_s.reset();
	auto const j = json::parse(encode_beacon(an_identity(), 1, p));
	EXPECT_FALSE(j.contains("error"));
	EXPECT_FALSE(j.contains("targets_total"));
	EXPECT_FALSE(j["targets"][0].contains("eta_s"));
	EXPECT_FALSE(j["targets"][0].contains("error"));
}

TEST(beacon, a_target_carries_its_own_error)
{
	auto p = some_progress();
	p.targets[0].error = "syncing /dev/sda1: Input/output error";
	auto const j = json::parse(encode_beacon(an_identity(), 1, p));
	EXPECT_EQ(j["targets"][0]["error"], "syncing /dev/sda1: Input/output error");
}

TEST(beacon, a_target_says_what_it_waits_for)
{
	auto p = some_progress();
	EXPECT_FALSE(json::parse(encode_beacon(an_identity(), 1, p))["targets"][0].contains("note"));
	p.targets[0].note = "no peers: local discovery finds nobody";
	auto const datagram = encode_beacon(an_identity(), 1, p);
	EXPECT_EQ(json::parse(datagram)["targets"][0]["note"], "no peers: local discovery finds nobody");
	EXPECT_EQ(decode_beacon(datagram).value().p.targets.at(0).note, p.targets[0].note);
}

TEST(beacon, a_hundred_targets_are_cut_to_one_datagram_of_valid_json)
{
	auto p = some_progress();
	p.error = progress_error{5, std::string(5000, 'e')};
	p.targets.assign(128, a_target());
	for (auto& t : p.targets)
	{
		t.device = "/dev/disk/by-id/" + std::string(300, 'x');
		t.error = std::string(500, 'y');
	}
	auto id = an_identity();
	id.job = std::string(2000, 'j');
	id.host = std::string(2000, 'h');
	auto const datagram = sign_beacon(encode_beacon(id, 17, p), "key");
	EXPECT_LE(datagram.size(), max_beacon_bytes);
	auto const j = json::parse(datagram);
	EXPECT_EQ(j["targets_total"], 128);
	EXPECT_GE(j["targets"].size(), 1u);
	EXPECT_LT(j["targets"].size(), 128u);
	EXPECT_EQ(j["agent"], id.agent);
	EXPECT_EQ(j["run"], id.run);
	auto const back = decode_beacon(datagram);
	ASSERT_TRUE(back);
	EXPECT_EQ(back.value().targets_total, 128u);
}

TEST(beacon, as_many_targets_stay_as_fit)
{
	auto p = some_progress();
	p.targets.assign(128, a_target());
	auto const datagram = encode_beacon(an_identity(), 17, p);
	auto const kept = json::parse(datagram)["targets"].size();
	auto const one = json::parse(datagram)["targets"][0].dump().size() + 1;
	EXPECT_GE(kept, 3u);
	EXPECT_GT(datagram.size() + one + 73, max_beacon_bytes);
}

TEST(beacon, texts_are_cut_before_targets_are_left_out)
{
	auto p = some_progress();
	p.error = progress_error{5, std::string(1200, 'e')};
	auto const j = json::parse(encode_beacon(an_identity(), 17, p));
	EXPECT_EQ(j["targets"].size(), 1u);
	EXPECT_FALSE(j.contains("targets_total"));
	EXPECT_EQ(j["error"]["text"], std::string(253, 'e') + "...");
}

TEST(beacon, details_of_storage_go_before_a_text_or_a_target_does)
{
	auto const keys = [](json const& j) { return j["storage"].size(); };
	auto p = some_progress();
	auto const room = max_beacon_bytes - 73 - encode_beacon(an_identity(), 17, p).size();
	p.targets[0].error = std::string(room - std::string_view(R"(,"error":"")").size(), 'e');
	auto const fits = encode_beacon(an_identity(), 17, p);
	EXPECT_EQ(fits.size(), max_beacon_bytes - 73);
	EXPECT_EQ(keys(json::parse(fits)), 8U);

	p.targets[0].error += 'e';
	auto const j = json::parse(encode_beacon(an_identity(), 17, p));
	EXPECT_EQ(keys(j), 3U);
	EXPECT_EQ(j["storage"]["blocks_per_write"], 58.2);
	EXPECT_EQ(j["targets"][0]["error"], p.targets[0].error);
}

TEST(beacon, eight_targets_stay_whole_but_for_details_in_the_documented_order)
{
	auto p = some_progress();
	auto const keys_of = [&](std::size_t targets) {
		p.targets.assign(targets, a_target());
		for (std::size_t i = 0; i < targets; ++i)
		{
			p.targets[i].eta_s = 100 + static_cast<std::int64_t>(i);
		}
		auto id = an_identity();
		id.boot = "0123456789abcdef";
		id.start_ms = 86'400'000;
		auto const datagram = sign_beacon(encode_beacon(id, 1'000'000, p), "key");
		EXPECT_LE(datagram.size(), max_beacon_bytes);
		auto const j = json::parse(datagram);
		EXPECT_EQ(j["targets"].size(), targets);
		EXPECT_FALSE(j.contains("targets_total"));
		std::string keys = j["storage"].contains("p50_ms") ? "storage " : "";
		for (auto const& [key, value] : j["targets"][0].items())
		{
			keys += key + " ";
		}
		for (auto const* key : {"device", "state", "total", "done", "down", "peers"})
		{
			EXPECT_EQ(j["targets"][targets - 1][key], j["targets"][0][key]) << key;
		}
		EXPECT_EQ(j["targets"][targets - 1]["eta_s"], 99 + targets);
		return keys;
	};
	// nlohmann's order is the alphabet's
	std::string const whole =
		"device done down eta_s info_hash peers ratio state synced total up wire_fetched "
		"wire_uploaded written ";
	EXPECT_EQ(keys_of(2), "storage " + whole);
	EXPECT_EQ(keys_of(3), "storage " + whole);
	EXPECT_EQ(keys_of(4), "device done down eta_s peers state synced total up written ");
	EXPECT_EQ(keys_of(8), "device done down peers state total ");
}

TEST(beacon, what_a_target_wrote_stays_while_it_is_flushed)
{
	auto p = some_progress();
	p.targets.assign(8, a_target());
	p.targets[3].state = job_state::flushing;
	auto const back = decode_beacon(encode_beacon(an_identity(), 1, p)).value();
	ASSERT_EQ(back.p.targets.size(), 8U);
	EXPECT_EQ(back.p.targets[3].written, a_target().written);
	EXPECT_EQ(back.p.targets[2].written, 0);
}

TEST(beacon, a_target_with_an_error_is_the_last_to_be_left_out)
{
	auto p = some_progress();
	p.targets.assign(40, a_target());
	p.targets[39].device = "/dev/last";
	p.targets[39].error = "syncing /dev/last: Input/output error";
	auto const back = decode_beacon(encode_beacon(an_identity(), 1, p)).value();
	EXPECT_EQ(back.targets_total, 40U);
	ASSERT_GE(back.p.targets.size(), 2U);
	EXPECT_EQ(back.p.targets.front().device, "/dev/sda1");
	EXPECT_EQ(back.p.targets.back().device, "/dev/last");
	EXPECT_FALSE(back.p.targets.back().error.empty());
}

TEST(beacon, the_start_of_the_run_and_the_boot_are_said_where_they_are_known)
{
	auto id = an_identity();
	EXPECT_FALSE(json::parse(encode_beacon(id, 1, some_progress())).contains("boot"));
	id.boot = "0123456789abcdef";
	id.start_ms = 41'000;
	auto const back = decode_beacon(encode_beacon(id, 1, some_progress())).value();
	EXPECT_EQ(back.id.boot, id.boot);
	EXPECT_EQ(back.id.start_ms, 41'000);
}

TEST(beacon, of_more_targets_than_any_agent_sends_the_first_are_read_and_all_counted)
{
	std::string targets = "{}";
	for (int i = 1; i < 400; ++i)
	{
		targets += ",{}";
	}
	auto const back = decode_beacon(
		R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[)" + targets + "]}");
	ASSERT_TRUE(back) << back.error().text;
	EXPECT_EQ(back.value().p.targets.size(), max_read_targets);
	EXPECT_EQ(back.value().targets_total, 400U);
}

TEST(beacon, the_worst_texts_and_numbers_still_fit)
{
	progress p;
	auto const control = std::string(4000, '\x01');
	p.targets.assign(3, a_target());
	for (auto& t : p.targets)
	{
		t.device = t.info_hash = t.error = control;
	}
	p.storage = {std::numeric_limits<double>::max(), -std::numeric_limits<double>::max(), 1e-300};
	p.storage.dirty = p.storage.p50_ms = p.storage.p99_ms = -std::numeric_limits<double>::max();
	p.storage.stopped_ms = p.storage.read_back = std::numeric_limits<std::int64_t>::min();
	p.uptime = std::chrono::milliseconds(std::numeric_limits<std::int64_t>::min());
	p.error = progress_error{std::numeric_limits<int>::min(), control};
	auto const datagram = sign_beacon(
		encode_beacon({control, control, control, control, control, std::numeric_limits<std::int64_t>::min()},
			std::numeric_limits<std::uint64_t>::max(), p),
		"key");
	EXPECT_LE(datagram.size(), max_beacon_bytes);
	EXPECT_FALSE(json::parse(datagram, nullptr, false).is_discarded());
	EXPECT_EQ(json::parse(datagram)["storage"]["pool"], 0.0); // and not null, which no receiver takes
}

TEST(beacon, bytes_that_are_no_utf8_are_replaced_and_nan_is_a_number)
{
	auto p = some_progress();
	p.targets[0].device = "/dev/\xff\xfe";
	p.storage.pool = std::numeric_limits<double>::quiet_NaN();
	auto const j = json::parse(encode_beacon(an_identity(), 1, p));
	EXPECT_EQ(j["targets"][0]["device"], "/dev/??");
	EXPECT_EQ(j["storage"]["pool"], 0.0);
}

TEST(beacon, decoding_gives_back_what_was_encoded)
{
	auto p = some_progress();
	p.error = progress_error{5, "no"};
	p.targets[0].error = "own";
	auto const back = decode_beacon(encode_beacon(an_identity(), 17, p));
	ASSERT_TRUE(back);
	auto const& b = back.value();
	EXPECT_EQ(b.id.job, "lab-3");
	EXPECT_EQ(b.id.agent, "52:54:00:12:34:56");
	EXPECT_EQ(b.id.host, "pc-07");
	EXPECT_EQ(b.id.run, an_identity().run);
	EXPECT_EQ(b.seq, 17u);
	EXPECT_EQ(b.targets_total, 1u);
	EXPECT_EQ(b.p.uptime, p.uptime);
	EXPECT_EQ(b.p.state, job_state::downloading);
	ASSERT_EQ(b.p.targets.size(), 1u);
	EXPECT_EQ(b.p.targets[0].device, "/dev/sda1");
	EXPECT_EQ(b.p.targets[0].info_hash, p.targets[0].info_hash);
	EXPECT_EQ(b.p.targets[0].state, job_state::downloading);
	EXPECT_EQ(b.p.targets[0].total, p.targets[0].total);
	EXPECT_EQ(b.p.targets[0].done, p.targets[0].done);
	EXPECT_EQ(b.p.targets[0].written, p.targets[0].written);
	EXPECT_EQ(b.p.targets[0].synced, 1);
	EXPECT_EQ(b.p.targets[0].down, p.targets[0].down);
	EXPECT_EQ(b.p.targets[0].up, p.targets[0].up);
	EXPECT_EQ(b.p.targets[0].peers, 12);
	EXPECT_EQ(b.p.targets[0].eta_s, 470);
	EXPECT_EQ(b.p.targets[0].error, "own");
	EXPECT_EQ(b.p.storage.pool, 0.41);
	EXPECT_EQ(b.p.storage.cache_hit, 0.93);
	EXPECT_EQ(b.p.storage.blocks_per_write, 58.2);
	EXPECT_EQ(b.p.storage.dirty, 0.25);
	EXPECT_EQ(b.p.storage.p50_ms, 1.5);
	EXPECT_EQ(b.p.storage.p99_ms, 40.0);
	EXPECT_EQ(b.p.storage.stopped_ms, 1200);
	EXPECT_EQ(b.p.storage.read_back, 7);
	ASSERT_TRUE(b.p.error);
	EXPECT_EQ(b.p.error->code, 5);
	EXPECT_EQ(b.p.error->text, "no");
}

TEST(beacon, a_beacon_of_an_earlier_version_has_three_keys_of_storage)
{
	auto const back = decode_beacon(R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done",)"
									R"("storage":{"pool":0.5,"cache_hit":1,"blocks_per_write":2.5}})");
	ASSERT_TRUE(back) << back.error().text;
	EXPECT_EQ(back.value().p.storage.pool, 0.5);
	EXPECT_EQ(back.value().p.storage.blocks_per_write, 2.5);
	EXPECT_EQ(back.value().p.storage.p99_ms, 0);
	EXPECT_EQ(back.value().p.storage.stopped_ms, 0);
}

TEST(beacon, keys_of_a_later_version_are_ignored)
{
	auto const back =
		decode_beacon(R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","new":[{}]})");
	ASSERT_TRUE(back);
	EXPECT_EQ(back.value().p.state, job_state::done);
}

TEST(beacon, what_is_no_beacon_is_refused)
{
	for (auto const* text :
		{"", "{", "[]", "1", "null", "{}", "\xff", "{\"rawswarm\":1}",
			R"({"rawswarm":2,"agent":"a","run":"r","seq":1,"state":"done"})",
			R"({"rawswarm":"1","agent":"a","run":"r","seq":1,"state":"done"})",
			R"({"rawswarm":1,"run":"r","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":-1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1.5,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"dancing"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1})",
			R"({"rawswarm":1,"agent":7,"run":"r","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":{}})",
			R"({"rawswarm":1,"agent":"a","run":"r","boot":"0123456789abcdef0","seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","start_ms":-1,"seq":1,"state":"done"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[1]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[{"total":"1"}]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[{"done":-1}]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[{"done":9007199254740993}]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","targets":[{"state":"dancing"}]})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"pool":"full"}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"pool":1e999}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"p99_ms":"1"}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"stopped_ms":-1}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","storage":{"read_back":0.5}})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"done","error":"no"})",
			R"({"rawswarm":1,"agent":"a","run":"r","seq":1,"state":"failed","error":{"text":"no"}})"})
	{
		auto const back = decode_beacon(text);
		ASSERT_FALSE(back) << text;
		EXPECT_EQ(back.error().kind, fault::refused) << text;
	}
	EXPECT_FALSE(decode_beacon(
		R"({"rawswarm":1,"run":"r","seq":1,"state":"done","agent":")" + std::string(65, 'a') + "\"}"));
}

TEST(beacon, a_deeply_nested_datagram_does_no_harm)
{
	EXPECT_FALSE(decode_beacon(std::string(1400, '[')));
	EXPECT_FALSE(decode_beacon(std::string(700, '[') + std::string(700, ']')));
}

TEST(beacon, a_json_line_is_ascii_and_holds_the_whole_beacon)
{
	auto const line =
		beacon_json_line("10.0.0.7:1234", "{\"rawswarm\":1,\n\"host\":\"k\xc3\xbc\xc2\x9b\",\"new\":2}");
	EXPECT_EQ(line,
		R"({"version":1,"from":"10.0.0.7:1234","beacon":{"rawswarm":1,"host":"k\u00fc\u009b","new":2}})");
	EXPECT_EQ(beacon_json_line("10.0.0.7:1234", "no json"), "");
}

} // namespace rawswarm
