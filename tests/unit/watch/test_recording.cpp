// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_mac.hpp"
#include "agent/watch/recording.hpp"
#include "agent/watch/watch.hpp"
#include "agent/watch/watch_clock.hpp"
#include "tests/support/base/scratch_file.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/unit/watch/room_sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using test::beacon_of;
using test::scratch_file;
using test::temp_dir;
using test::value_of;

std::string encoded(received_beacon const& b)
{
	return encode_beacon(b.id, b.seq, b.p);
}

std::string content_of(std::string const& path)
{
	std::ifstream in(path, std::ios::binary);
	return {std::istreambuf_iterator<char>(in), {}};
}

void write(std::string const& path, std::string const& content)
{
	std::ofstream(path, std::ios::binary) << content;
}

std::string line_at(std::chrono::milliseconds at, received_beacon const& b)
{
	return recording_line({at, 1'764'410'000'000 + at.count(), "10.0.0.7:40000", encoded(b)}) + "\n";
}

struct replayed
{
	int code = 0;
	std::string text;
};

replayed replay_of(watch_options o)
{
	scratch_file out;
	o.out = out.get();
	auto const code = value_of(watch(o));
	return {code, out.text()};
}

watch_options replaying(std::string const& path)
{
	watch_options o;
	o.replay = path;
	o.speed = 10'000;
	return o;
}

} // namespace

TEST(recording, a_line_is_ascii_and_gives_the_datagram_back)
{
	recorded_datagram const d{
		1234ms, 1'764'410'000'000, "[fe80::1%2]:7700", "{\"host\":\"k\xc3\xbc\",\n\"x\":1}"};
	auto const line = recording_line(d);
	EXPECT_EQ(line,
		R"({"version":1,"elapsed_ms":1234,"time_ms":1764410000000,"from":"[fe80::1%2]:7700",)"
		R"("datagram":"{\"host\":\"k\u00fc\",\n\"x\":1}"})");
	auto const back = parse_recording_line(line);
	ASSERT_TRUE(back);
	EXPECT_EQ(back->elapsed, d.elapsed);
	EXPECT_EQ(back->time_ms, d.time_ms);
	EXPECT_EQ(back->from, d.from);
	EXPECT_EQ(back->datagram, d.datagram);
}

TEST(recording, keys_of_a_later_version_are_ignored_and_another_version_is_refused)
{
	EXPECT_TRUE(parse_recording_line(
		R"({"version":1,"elapsed_ms":1,"time_ms":1,"from":"a","datagram":"b","new":{}})"));
	for (auto const* line :
		{"", "{}", "[]", "no", R"({"version":2,"elapsed_ms":1,"time_ms":1,"from":"a","datagram":"b"})",
			R"({"version":1,"elapsed_ms":-1,"time_ms":1,"from":"a","datagram":"b"})",
			R"({"version":1,"elapsed_ms":9007199254740992,"time_ms":1,"from":"a","datagram":"b"})",
			R"({"version":1,"elapsed_ms":1,"time_ms":1,"from":7,"datagram":"b"})",
			R"({"version":1,"elapsed_ms":1,"time_ms":1,"from":"a"})"})
	{
		EXPECT_FALSE(parse_recording_line(line)) << line;
	}
}

TEST(recording, grows_no_larger_than_it_may)
{
	temp_dir const dir;
	auto file = recorder::open(dir / "room", 1000);
	ASSERT_TRUE(file);
	::testing::internal::CaptureStderr();
	for (int i = 0; i < 100; ++i)
	{
		file.value().add("10.0.0.7:40000", R"({"rawswarm":1})");
	}
	auto const log = ::testing::internal::GetCapturedStderr();
	EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
	EXPECT_NE(log.find("it is as large as a recording may be"), std::string::npos) << log;
	auto const text = content_of(dir / "room");
	EXPECT_LE(text.size(), 1000U);
	EXPECT_TRUE(text.ends_with("}\n"));
}

TEST(recording, replaces_a_file_and_refuses_what_is_none)
{
	temp_dir const dir;
	write(dir / "room", "old\n");
	EXPECT_TRUE(recorder::open(dir / "room"));
	EXPECT_EQ(content_of(dir / "room"), "");
	ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
	for (auto const& path : {std::string("/dev/null"), dir / "pipe", dir / "none/room"})
	{
		auto const refused = recorder::open(path);
		ASSERT_FALSE(refused) << path;
		EXPECT_EQ(refused.error().kind, fault::refused);
		EXPECT_EQ(refused.error().text.rfind("recording to " + path, 0), 0U) << refused.error().text;
	}
}

TEST(replay, shows_what_was_recorded_as_it_was_shown)
{
	temp_dir const dir;
	write(dir / "room",
		line_at(0ms, beacon_of("pc-1", job_state::downloading))
			+ line_at(500ms, beacon_of("pc-1", job_state::done, 2, 1000))
			+ line_at(700ms, beacon_of("pc-1", job_state::done, 3, 1000)));
	auto const shown = replay_of(replaying(dir / "room"));
	EXPECT_EQ(shown.code, 0);
	EXPECT_EQ(std::ranges::count(shown.text, '\n'), 3) << shown.text;
	EXPECT_TRUE(shown.text.ends_with("\n1 done, 0 failed, 0 silent, 0 still at work\n")) << shown.text;

	auto o = replaying(dir / "room");
	o.json = true;
	::testing::internal::CaptureStderr();
	auto const json = replay_of(o);
	::testing::internal::GetCapturedStderr();
	EXPECT_EQ(std::ranges::count(json.text, '\n'), 3) << json.text;
	EXPECT_EQ(json.text.rfind(R"({"version":1,"from":"10.0.0.7:40000","beacon":{)", 0), 0U) << json.text;
}

TEST(replay, who_was_silent_is_said_at_any_speed)
{
	temp_dir const dir;
	write(dir / "room",
		line_at(0ms, beacon_of("pc-1", job_state::downloading))
			+ line_at(0ms, beacon_of("pc-2", job_state::downloading))
			+ line_at(8s, beacon_of("pc-2", job_state::downloading, 2))
			+ line_at(12s, beacon_of("pc-2", job_state::downloading, 3))
			+ line_at(13s, beacon_of("pc-1", job_state::downloading, 2)));
	auto const shown = replay_of(replaying(dir / "room")).text;
	auto const silent = shown.find("pc-1             52:54:00:00:00:pc-1  silent");
	ASSERT_NE(silent, std::string::npos) << shown;
	EXPECT_NE(shown.find("(heard again)", silent), std::string::npos) << shown;
	EXPECT_EQ(shown.find("pc-2             52:54:00:00:00:pc-2  silent"), std::string::npos) << shown;
}

TEST(replay, time_waits_for_what_is_not_read_yet)
{
	auto clock = watch_clock::replaying(1e9, 0);
	clock.hold_at(10ms);
	EXPECT_EQ(clock.now(), clock.at(10ms));
	clock.advance_to(10ms);
	clock.hold_at(20ms);
	EXPECT_EQ(clock.now(), clock.at(20ms));
}

TEST(replay, nobody_is_silent_because_reading_is_slower_than_the_speed)
{
	temp_dir const dir;
	std::string lines;
	for (int second = 0; second <= 20; ++second)
	{
		for (int machine = 0; machine < 200; ++machine)
		{
			lines += line_at(std::chrono::seconds(second),
				beacon_of("pc-" + std::to_string(machine),
					second < 20 ? job_state::downloading : job_state::done, std::uint64_t(second) + 1));
		}
	}
	write(dir / "room", lines);
	auto o = replaying(dir / "room");
	o.expect = 200;
	auto const shown = replay_of(o);
	EXPECT_EQ(shown.code, 0);
	EXPECT_EQ(shown.text.find("  silent"), std::string::npos);
}

TEST(replay, an_expected_agent_that_is_not_done_at_its_end_gives_seven)
{
	temp_dir const dir;
	write(dir / "room", line_at(0ms, beacon_of("pc-1", job_state::downloading)));
	auto o = replaying(dir / "room");
	o.expect = 1;
	EXPECT_EQ(replay_of(o).code, 7);
	o.expect = 0;
	EXPECT_EQ(replay_of(o).code, 0);
}

TEST(replay, takes_as_long_as_the_speed_says)
{
	temp_dir const dir;
	write(dir / "room",
		line_at(0ms, beacon_of("pc-1", job_state::downloading))
			+ line_at(1s, beacon_of("pc-1", job_state::done, 2)));
	auto o = replaying(dir / "room");
	o.speed = 4;
	auto const began = std::chrono::steady_clock::now();
	replay_of(o);
	auto const took = std::chrono::steady_clock::now() - began;
	EXPECT_GE(took, 250ms);
	EXPECT_LT(took, 950ms);
}

TEST(replay, a_mac_is_kept_and_checked_where_a_key_is_given)
{
	temp_dir const dir;
	write(dir / "key", "secret\n");
	write(dir / "room",
		recording_line(
			{0ms, 0, "10.0.0.7:1", sign_beacon(encoded(beacon_of("pc-1", job_state::done)), "secret")})
			+ "\n"
			+ recording_line(
				{1ms, 1, "10.0.0.7:1", sign_beacon(encoded(beacon_of("pc-2", job_state::done)), "guess")})
			+ "\n");
	EXPECT_NE(replay_of(replaying(dir / "room")).text.find("2 done"), std::string::npos);
	auto o = replaying(dir / "room");
	o.key_file = dir / "key";
	::testing::internal::CaptureStderr();
	EXPECT_NE(replay_of(o).text.find("1 done"), std::string::npos);
	::testing::internal::GetCapturedStderr();
}

TEST(replay, a_recording_that_was_cut_off_ends_before_its_last_line)
{
	temp_dir const dir;
	auto const line = line_at(0ms, beacon_of("pc-1", job_state::done));
	write(dir / "room", line + line.substr(0, line.size() / 2));
	EXPECT_NE(replay_of(replaying(dir / "room")).text.find("1 done"), std::string::npos);
	write(dir / "empty", "");
	EXPECT_EQ(replay_of(replaying(dir / "empty")).code, 0);
}

TEST(replay, what_is_no_recording_is_refused_with_the_line)
{
	temp_dir const dir;
	write(dir / "room", line_at(0ms, beacon_of("pc-1", job_state::done)) + "{\"version\":2}\n");
	scratch_file out;
	auto o = replaying(dir / "room");
	o.out = out.get();
	auto const ended = watch(o);
	ASSERT_FALSE(ended);
	EXPECT_EQ(ended.error().kind, fault::refused);
	EXPECT_NE(ended.error().text.find("line 2"), std::string::npos) << ended.error().text;
	write(dir / "long", std::string(100'000, ' '));
	EXPECT_EQ(watch(replaying(dir / "long")).error().kind, fault::refused);
	EXPECT_EQ(watch(replaying(dir / "none")).error().kind, fault::refused);
	EXPECT_EQ(watch(replaying("/dev/zero")).error().kind, fault::refused);
}

TEST(replay, a_recording_whose_times_go_back_or_are_far_off_ends_all_the_same)
{
	temp_dir const dir;
	write(dir / "room",
		line_at(500ms, beacon_of("pc-1", job_state::downloading))
			+ line_at(0ms, beacon_of("pc-1", job_state::done, 2)));
	EXPECT_NE(replay_of(replaying(dir / "room")).text.find("1 done"), std::string::npos);
}

} // namespace rawswarm
