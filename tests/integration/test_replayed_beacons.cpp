// SPDX-License-Identifier: BSD-3-Clause
// Signed beacons that somebody has recorded and sends again, against real agents and watchers. What tells
// them apart is in tests/unit/watch/test_run_proof.cpp. No clock has part in it, so a machine whose clock is
// wrong is one like any other.
#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::udp;

class replayed_beacons : public ::testing::Test
{
protected:
	replayed_beacons() { std::ofstream(m_image.dir / "key") << "secret key of the room"; }

	// A run that is over at once: done if the target has the image, failed if there is none.
	nlohmann::json job_of(std::string const& target, std::uint16_t const watcher) const
	{
		auto job = loopback_job();
		job["beacon"] = {{"to", {loopback(watcher)}}, {"key_file", "key"}, {"interval_ms", 100}};
		auto one = image_target(m_image.torrent_path, target);
		one["existing"] = "verify";
		job["targets"].push_back(one);
		return job;
	}

	// Everything that a machine says which is imaged.
	std::vector<std::string> recorded()
	{
		boost::asio::io_context ios;
		udp::socket socket(ios, udp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
		EXPECT_TRUE(
			exits_with(run_job(m_image.dir, job_of(m_image.source_path, socket.local_endpoint().port())),
				exit_code::done));
		std::vector<std::string> all;
		socket.non_blocking(true);
		for (std::array<char, 2000> buffer{};;)
		{
			boost::system::error_code ec;
			auto const n = socket.receive(boost::asio::buffer(buffer), 0, ec);
			if (ec)
			{
				return all;
			}
			all.emplace_back(buffer.data(), n);
		}
	}

	void send(std::vector<std::string> const& datagrams) const
	{
		boost::asio::io_context ios;
		udp::socket socket(ios, udp::v4());
		for (auto const& d : datagrams)
		{
			socket.send_to(
				boost::asio::buffer(d), udp::endpoint(boost::asio::ip::address_v4::loopback(), m_port));
		}
	}

	child_options watch_with(std::vector<std::string> const& more) const
	{
		std::vector<std::string> arguments{
			"watch", "--listen", loopback(m_port), "--key-file", m_image.dir / "key"};
		arguments.insert(arguments.end(), more.begin(), more.end());
		return rawswarm_command(arguments);
	}

	prepared_image m_image{extent_layout{.count = 20}};
	std::uint16_t m_port = free_port();
};

} // namespace

TEST_F(replayed_beacons, do_not_make_a_machine_done_for_a_watcher_that_waits_for_it)
{
	auto const yesterday = recorded();
	ASSERT_FALSE(yesterday.empty());
	ASSERT_NE(yesterday.back().find(R"("state":"done")"), std::string::npos);
	child_process watcher(watch_with({"--expect", "1", "--timeout", "20"}));
	ASSERT_TRUE(wait_for_udp_listener(m_port, 10s)) << watcher.err();
	send(yesterday);
	EXPECT_TRUE(
		exits_with(run_job(m_image.dir, job_of("/dev/rawswarm-test-missing", m_port)), exit_code::target));
	EXPECT_TRUE(exits_with(watcher, exit_code::target));
	EXPECT_EQ(watcher.out().find(" done "), std::string::npos) << watcher.out();
	EXPECT_NE(watcher.out().find("rawswarm-test-missing"), std::string::npos) << watcher.out();
}

TEST_F(replayed_beacons, do_not_shut_out_the_machine_that_is_at_work)
{
	auto const yesterday = recorded();
	child_process watcher(watch_with({"--expect", "1", "--timeout", "20"}));
	ASSERT_TRUE(wait_for_udp_listener(m_port, 10s)) << watcher.err();
	child_process machine(run_command(m_image.dir, [&] {
		auto job = job_of(m_image.dir / "target.img", m_port);
		job["timeout_seconds"] = 1; // there is nobody who has the image
		return job;
	}()));
	ASSERT_TRUE(watcher.wait_for_text("downloading", 20s)) << watcher.err();
	send(yesterday);
	EXPECT_TRUE(exits_with(machine, exit_code::network));
	send(yesterday);
	EXPECT_TRUE(exits_with(watcher, exit_code::network));
	EXPECT_NE(watcher.out().find("0 done, 1 failed"), std::string::npos) << watcher.out();
}

} // namespace rawswarm::test
