// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/beacon_sender.hpp"
#include "agent/watch/fleet.hpp"
#include "agent/watch/fleet_text.hpp"
#include "agent/watch/watch.hpp"
#include "tests/support/base/scratch_file.hpp"
#include "tests/support/base/value_of.hpp"
#include "tests/unit/watch/fleet_sample.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm
{

namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::udp;
using test::of_agent;
using test::scratch_file;
using test::value_of;

std::string encoded(received_beacon const& b)
{
	return encode_beacon(b.id, b.seq, b.p);
}

void send(std::uint16_t port, std::vector<std::string> const& datagrams)
{
	boost::asio::io_context ios;
	udp::socket socket(ios, udp::v4());
	for (auto const& d : datagrams)
	{
		socket.send_to(boost::asio::buffer(d), udp::endpoint(boost::asio::ip::address_v4::loopback(), port));
	}
}

// Watches on loopback; `datagrams` come in as soon as it listens.
watch_options options_for(std::vector<std::string> datagrams, scratch_file const& out)
{
	watch_options o;
	o.listen = value_of(parse_endpoint("127.0.0.1:0"));
	o.groups.clear();
	o.timeout = 20s; // only so that a broken watch ends
	o.out = out.get();
	o.on_listening = [datagrams = std::move(datagrams)](std::uint16_t port) { send(port, datagrams); };
	return o;
}

std::size_t lines_of(std::string const& text)
{
	return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST(watch, ends_with_zero_when_all_expected_are_done)
{
	scratch_file out;
	auto o =
		options_for({encoded(of_agent("a", job_state::downloading)), "no beacon", std::string(3000, 'x'),
						encoded(of_agent("a", job_state::done, 2)),
						encoded(of_agent("a", job_state::done, 3)), encoded(of_agent("b", job_state::done))},
			out);
	o.expect = 2;
	auto const code = watch(o);
	ASSERT_TRUE(code) << code.error().text;
	EXPECT_EQ(code.value(), 0);
	auto const text = out.text();
	EXPECT_EQ(lines_of(text), 4u) << text; // two of a, one of b, the end
	EXPECT_NE(text.find("2 done, 0 failed, 0 silent, 0 still at work, 2 expected\n"), std::string::npos)
		<< text;
}

TEST(watch, gives_the_code_of_the_agent_that_failed_and_names_it)
{
	scratch_file out;
	auto bad = of_agent("a", job_state::failed);
	bad.p.error = progress_error{5, "writing /dev/sda1: Input/output error"};
	auto o = options_for({encoded(bad), encoded(of_agent("b", job_state::downloading)),
							 encoded(of_agent("b", job_state::done, 2))},
		out);
	o.expect = 2;
	EXPECT_EQ(watch(o).value(), 5);
	auto const text = out.text();
	auto const end = text.find("\nfailed  ");
	ASSERT_NE(end, std::string::npos) << text;
	EXPECT_NE(text.find("host-a", end), std::string::npos);
	EXPECT_NE(text.find("error 5: writing /dev/sda1", end), std::string::npos);
}

TEST(watch, gives_seven_when_an_agent_fell_silent)
{
	scratch_file out;
	auto o = options_for({encoded(of_agent("a", job_state::downloading))}, out);
	o.expect = 1;
	o.silence = 0s; // at the next tick
	EXPECT_EQ(watch(o).value(), 7);
	EXPECT_NE(out.text().find("\nsilent  "), std::string::npos) << out.text();
}

// A live agent: it answers who asks, until it is told to stop.
class answering_agent
{
public:
	answering_agent(std::uint16_t const port, received_beacon b)
		: m_thread([this, port, b = std::move(b)] {
			boost::asio::io_context ios;
			beacon_sender sender(
				ios, b.id, {{{boost::asio::ip::address_v4::loopback(), {}}, port}}, "secret");
			while (!m_stop)
			{
				sender.send(b.p);
				std::this_thread::sleep_for(10ms);
			}
		})
	{}

	~answering_agent()
	{
		m_stop = true;
		m_thread.join();
	}

	answering_agent(answering_agent const&) = delete;
	answering_agent& operator=(answering_agent const&) = delete;

private:
	std::atomic<bool> m_stop{false};
	std::thread m_thread;
};

TEST(watch, with_a_key_shows_signed_beacons_of_now_only)
{
	auto const key_file = ::testing::TempDir() + "rawswarm_watch_key";
	std::ofstream(key_file) << "secret\n";
	auto const forged = of_agent("a", job_state::done);
	auto const good = of_agent("b", job_state::done);
	auto const repeated = of_agent("c", job_state::done);
	scratch_file out;
	auto o = options_for({}, out);
	o.expect = 1;
	o.key_file = key_file;
	std::optional<answering_agent> agent;
	o.on_listening = [&](std::uint16_t const port) {
		send(port,
			{encoded(forged), sign_beacon(encoded(forged), "guess"),
				sign_beacon(encoded(repeated), "secret")});
		agent.emplace(port, good);
	};
	::testing::internal::CaptureStderr();
	auto const code = watch(o);
	auto const log = ::testing::internal::GetCapturedStderr();
	EXPECT_EQ(code.value(), 0);
	EXPECT_EQ(out.text().find("host-a"), std::string::npos);
	EXPECT_EQ(out.text().find("host-c"), std::string::npos);
	EXPECT_NE(out.text().find("host-b"), std::string::npos);
	EXPECT_NE(log.find("2 not signed with the key"), std::string::npos) << log;
}

TEST(watch, json_gives_one_line_for_each_accepted_beacon)
{
	scratch_file out;
	auto o = options_for(
		{encoded(of_agent("a", job_state::downloading)), "no beacon",
			encoded(of_agent("a", job_state::downloading, 2)),
			encoded(of_agent("a", job_state::downloading, 2)), encoded(of_agent("a", job_state::done, 3))},
		out);
	o.expect = 1;
	o.json = true;
	::testing::internal::CaptureStderr();
	EXPECT_EQ(watch(o).value(), 0);
	::testing::internal::GetCapturedStderr();
	auto const text = out.text();
	EXPECT_EQ(lines_of(text), 3u) << text;
	EXPECT_EQ(text.rfind(R"({"version":1,"from":"127.0.0.1:)", 0), 0u) << text;
	EXPECT_NE(text.find(R"(,"beacon":{"rawswarm":1,"job":"lab-3","agent":"a",)"), std::string::npos) << text;
}

TEST(watch, a_signal_ends_it_with_its_code)
{
	for (auto const number : {SIGINT, SIGTERM})
	{
		scratch_file out;
		auto o = options_for({}, out);
		o.on_listening = [number](std::uint16_t) { std::raise(number); };
		EXPECT_EQ(watch(o).value(), 128 + number);
		EXPECT_EQ(out.text(), "0 done, 0 failed, 0 silent, 0 still at work\n");
	}
}

TEST(watch, a_key_file_that_is_not_there_is_refused)
{
	watch_options o;
	o.listen = value_of(parse_endpoint("127.0.0.1:0"));
	o.key_file = ::testing::TempDir() + "rawswarm_watch_no_key";
	EXPECT_EQ(watch(o).error().kind, fault::refused);
}

TEST(watch, an_address_of_another_machine_is_a_network_error)
{
	watch_options o;
	o.listen = value_of(parse_endpoint("203.0.113.77:7700"));
	o.groups.clear();
	EXPECT_EQ(watch(o).error().kind, fault::network);
}

} // namespace rawswarm
