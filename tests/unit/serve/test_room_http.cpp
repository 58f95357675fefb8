// SPDX-License-Identifier: BSD-3-Clause
// How much a client may send to the room's server, by what it may do.
#include "agent/serve/room_http.hpp"
#include "tests/unit/room/room_steps.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <iterator>
#include <string>
#include <thread>

namespace rawswarm
{
namespace
{

using boost::asio::ip::tcp;
using test::first_mac;
using test::machine_at;
using test::second_mac;
using test::value_of;

class room_server : public ::testing::Test
{
protected:
	room_server()
	{
		EXPECT_TRUE(m_http.listen(value_of(parse_endpoint("127.0.0.1:0"))));
		value_of(m_book->capture("pc-02", "gold"));
		m_image = token_of(first_mac);
		m_capture = token_of(second_mac);
		m_thread = std::thread([this] { m_ios.run(); });
	}

	~room_server() override
	{
		m_ios.stop();
		m_thread.join();
	}

	std::string token_of(char const* const mac) const
	{
		return test::token_text_of(test::job_of(*m_book, machine_at(mac)));
	}

	// The status of the answer to a POST that announces so much. 100: it may be sent.
	std::string status_of(std::string const& path, std::size_t const length) const
	{
		boost::asio::io_context ios;
		tcp::socket socket(ios);
		socket.connect({boost::asio::ip::address_v4::loopback(), m_http.port()});
		boost::asio::write(socket,
			boost::asio::buffer("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
				+ "Content-Length: " + std::to_string(length) + "\r\n\r\n"));
		boost::asio::streambuf answer;
		boost::asio::read_until(socket, answer, "\r\n");
		return std::string(std::istreambuf_iterator<char>(&answer), {}).substr(9, 3);
	}

	test::sample_room m_folder{R"({ "version": 1, "name": "lab", "image": "a", "machines": {
		"pc-01": { "mac": "52:54:00:00:00:01" }, "pc-02": { "mac": "52:54:00:00:00:02" } } })"};
	std::unique_ptr<room_book> m_book = m_folder.open();
	boost::asio::io_context m_ios;
	boost::asio::thread_pool m_pool{1};
	machine_routes m_machines{*m_book, [](std::string const&) {}};
	tracker m_tracker;
	capture_intake m_captures{{m_ios, m_pool, m_folder / "images", {}, {}, {}, std::chrono::seconds(60)}};
	room_requests m_requests{{.book = *m_book, .heard = {}, .wake = {}}};
	room_api m_orders{m_requests, "correct-horse-battery"};
	room_history m_history;
	room_facts m_facts;
	page_answers m_page{m_history, m_facts};
	room_http m_http{{.ios = m_ios,
						 .book = *m_book,
						 .machines = m_machines,
						 .torrents = m_tracker,
						 .captures = m_captures,
						 .orders = m_orders,
						 .page = m_page},
		{}};
	std::string m_image;
	std::string m_capture;
	std::thread m_thread;
};

TEST_F(room_server, takes_a_torrent_from_a_machine_that_is_captured_and_from_no_other)
{
	EXPECT_EQ(status_of("/capture/" + m_capture, max_captured_torrent), "100");
	EXPECT_EQ(status_of("/capture/" + m_image, max_captured_torrent), "413");
	EXPECT_EQ(status_of("/capture/" + m_image, 5000), "413");
	EXPECT_EQ(status_of("/capture/x", 5000), "413");
	EXPECT_EQ(status_of("/capture/x", 100), "100") << "enough to be told what is wrong";
}

TEST_F(room_server, takes_reports_from_machines_with_a_job)
{
	EXPECT_EQ(status_of("/report/" + m_image, 5000), "100");
	EXPECT_EQ(status_of("/report/x", 5000), "413");
	EXPECT_EQ(status_of("/boot/vmlinuz", 1), "413") << "nobody writes there";
}

} // namespace
} // namespace rawswarm
