// SPDX-License-Identifier: BSD-3-Clause
// The log of the program itself: how soon a line follows what it tells, and what is said of a tracker.
#include "tests/support/base/count_of.hpp"
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/http_tracker.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/network/raw_peer.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

} // namespace

// A log that asked libtorrent at intervals would be late by half of one in the middle, and by a quarter for
// the first quarter, which is what counts here: the rest may wait for processors that others use.
TEST(log, line_follows_what_libtorrent_reports_within_5_ms)
{
	constexpr std::string_view line = " has connected\n";
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent seeder(image.torrent_path, image.source_path, {"--log", "swarm=debug"});
	auto& agent = seeder.process();
	std::vector<clock::duration> times;
	std::vector<raw_peer> peers;
	for (std::size_t i = 0; i < 40; ++i)
	{
		auto& peer = peers.emplace_back(raw_peer::dial(seeder.port()));
		auto const begin = clock::now();
		peer.send(bittorrent_handshake(image.torrent.info_hash, fmt::format("-XX0001-{:012}", i)));
		while (count_of(agent.err(), line) <= i && clock::now() - begin < 1s)
		{
			std::this_thread::sleep_for(100us); // the agent may have but one processor
		}
		times.push_back(clock::now() - begin);
	}
	std::ranges::sort(times);
	auto const quartile = std::chrono::duration<double, std::milli>(times[times.size() / 4]).count();
	RecordProperty("quartile_ms", fmt::format("{:.3f}", quartile));
	EXPECT_LT(quartile, 5.0) << agent.err();
}

TEST(log, tracker_that_is_not_there_is_warned_about_once)
{
	prepared_image const image(extent_layout{.count = 20});
	auto const url = fmt::format("http://127.0.0.1:{}/announce", free_port());
	seeding_agent seeder(image.torrent_path, image.source_path, {"--tracker", url});
	auto& agent = seeder.process();
	auto const warning = fmt::format(
		"[swarm] warning: tracker {} does not answer: Connection refused; it is asked again until it does\n",
		url);
	ASSERT_TRUE(agent.wait_for_text(warning, 20s)) << agent.err();
	EXPECT_FALSE(agent.wait_for_text("answers again", 6s));
	EXPECT_EQ(count_of(agent.err(), "tracker"), 1u) << agent.err();
}

TEST(log, tracker_that_answers_is_not_spoken_of)
{
	http_tracker const tracker;
	prepared_image const image(extent_layout{.count = 20});
	seeding_agent seeder(image.torrent_path, image.source_path, {"--tracker", tracker.url()});
	EXPECT_FALSE(seeder.process().wait_for_text("tracker", 12s)) << seeder.process().err();
	EXPECT_GE(tracker.announces(), 1);
}

TEST(log, lines_have_priorities_where_the_journal_reads_them)
{
	auto command = rawswarm_command({"run", "--torrent", "/nowhere.torrent", "--device", "/nowhere"});
	command.env["JOURNAL_STREAM"] = "8:1";
	auto const ended = run(command);
	EXPECT_TRUE(ended.err.starts_with("<3>agent: ") || ended.err.find("\n<3>agent: ") != std::string::npos)
		<< ended.err;
}

} // namespace rawswarm::test
