// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/metrics_text.hpp"
#include "tests/unit/watch/history_sample.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::room_sample;
using test::sample_beacon;

std::string metrics_of(room_sample const& room)
{
	return metrics_text(room.history, room.facts, room.at());
}

bool has_line(std::string const& text, std::string const& line)
{
	return text.find("\n" + line + "\n") != std::string::npos;
}

// Names and labels of all samples.
std::vector<std::string> series_of(std::string const& text)
{
	std::vector<std::string> list;
	std::istringstream in(text);
	for (std::string line; std::getline(in, line);)
	{
		if (!line.starts_with('#'))
		{
			list.push_back(line.substr(0, line.rfind(' ')));
		}
	}
	return list;
}

} // namespace

TEST(metrics_text, an_empty_room_has_every_state_and_no_machine)
{
	room_sample room;
	room.facts.expect = 24;
	auto const text = metrics_of(room);
	EXPECT_TRUE(has_line(text, "rawswarm_machines{state=\"downloading\"} 0"));
	EXPECT_TRUE(has_line(text, "rawswarm_machines{state=\"silent\"} 0"));
	EXPECT_TRUE(has_line(text, "rawswarm_machines_expected 24"));
	EXPECT_EQ(text.find("machine=\""), std::string::npos);
	EXPECT_TRUE(text.ends_with('\n'));
}

TEST(metrics_text, a_machine_has_its_figures_in_base_units)
{
	room_sample room;
	auto b = sample_beacon(1, 1, job_state::downloading, 500);
	auto& t = b.p.targets.front();
	t.written = 400;
	t.down = 112'000'000;
	t.wire_fetched = 250;
	t.peers = 12;
	t.eta_s = 90;
	b.p.storage.stopped_ms = 1500;
	b.p.storage.pool = 0.41;
	b.p.uptime = 41'250ms;
	room.hear(b);
	room.pass(3s);
	auto const text = metrics_of(room);
	auto const machine = [](std::string const& name, std::string const& value) {
		return "rawswarm_machine_" + name + "{machine=\"52:54:00:00:00:01\"} " + value;
	};
	EXPECT_TRUE(
		has_line(text, "rawswarm_machine_info{machine=\"52:54:00:00:00:01\",host=\"pc-1\",job=\"lab-3\"} 1"));
	EXPECT_TRUE(
		has_line(text, "rawswarm_machine_state{machine=\"52:54:00:00:00:01\",state=\"downloading\"} 1"));
	EXPECT_TRUE(has_line(text, "rawswarm_machines{state=\"downloading\"} 1"));
	for (auto const& line : {machine("image_bytes", "1000"), machine("done_bytes", "500"),
			 machine("written_bytes", "400"), machine("receive_bytes_per_second", "112000000"),
			 machine("network_receive_bytes_total", "250"), machine("peers", "12"),
			 machine("remaining_seconds", "90"), machine("disk_wait_seconds_total", "1.5"),
			 machine("pool_ratio", "0.41"), machine("uptime_seconds", "41.25"),
			 machine("last_seen_timestamp_seconds", "1700000000"), machine("error_code", "0")})
	{
		EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
	}
}

TEST(metrics_text, what_is_not_known_is_left_out)
{
	room_sample room;
	auto b = sample_beacon(1, 1, job_state::downloading);
	b.targets_total = 9; // the beacon had no space for the others
	room.hear(b);
	auto const text = metrics_of(room);
	EXPECT_EQ(text.find("rawswarm_machine_remaining_seconds{"), std::string::npos);
	EXPECT_EQ(text.find("rawswarm_machine_network_receive_bytes_total{"), std::string::npos);
}

TEST(metrics_text, a_silent_machine_has_its_own_state_and_no_rate)
{
	room_sample room;
	auto b = sample_beacon(1, 1, job_state::downloading);
	b.p.targets.front().down = 100;
	room.hear(b);
	room.pass(11s);
	auto const text = metrics_of(room);
	EXPECT_TRUE(has_line(text, "rawswarm_machine_state{machine=\"52:54:00:00:00:01\",state=\"silent\"} 1"));
	EXPECT_TRUE(has_line(text, "rawswarm_machine_receive_bytes_per_second{machine=\"52:54:00:00:00:01\"} 0"));
}

TEST(metrics_text, hostile_names_are_escaped_and_no_series_stands_there_twice)
{
	room_sample room;
	auto const hear = [&](std::string const& agent, std::string const& host) {
		auto b = sample_beacon(1, 1, job_state::downloading);
		b.id.agent = agent;
		b.id.host = host;
		room.hear(b);
	};
	hear("a\"b\\c\nd", "x\"} 1\nforged 2");
	hear("same", "");
	hear("", "same"); // known by its host, which is called as the one before
	hear("same#3", "");
	hear("\xff\xfe", "");
	hear("\xfe\xff", "");
	auto const text = metrics_of(room);
	EXPECT_NE(text.find("machine=\"a\\\"b\\\\c?d\",host=\"x\\\"} 1?forged 2\""), std::string::npos) << text;
	EXPECT_EQ(text.find("\nforged"), std::string::npos);
	auto const series = series_of(text);
	std::set<std::string> const different(series.begin(), series.end());
	EXPECT_EQ(different.size(), series.size()) << text;
}

TEST(metrics_text, datagrams_are_counted_by_what_became_of_them)
{
	room_sample room;
	room.facts.counts = {.accepted = 5, .outdated = 4, .malformed = 3, .unsigned_ones = 2, .unproven = 1};
	auto const text = metrics_of(room);
	EXPECT_TRUE(has_line(text, "# TYPE rawswarm_watch_beacons_total counter"));
	EXPECT_TRUE(has_line(text, "rawswarm_watch_beacons_total{result=\"accepted\"} 5"));
	EXPECT_TRUE(has_line(text, "rawswarm_watch_beacons_total{result=\"outdated\"} 4"));
	EXPECT_TRUE(has_line(text, "rawswarm_watch_beacons_total{result=\"malformed\"} 3"));
	EXPECT_TRUE(has_line(text, "rawswarm_watch_beacons_total{result=\"unsigned\"} 2"));
	EXPECT_TRUE(has_line(text, "rawswarm_watch_beacons_total{result=\"unproven\"} 1"));
}

} // namespace rawswarm
