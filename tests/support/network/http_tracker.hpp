// SPDX-License-Identifier: BSD-3-Clause
// A tracker that answers every announce with the same peers of 127.0.0.1, for clients that get peers from a
// tracker only.
//
// A thread of its own serves one request at a time. Members may be called from any thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm::test
{

class http_tracker
{
public:
	http_tracker();
	~http_tracker();
	http_tracker(http_tracker const&) = delete;
	http_tracker& operator=(http_tracker const&) = delete;

	// "http://127.0.0.1:PORT/announce"
	std::string url() const;
	std::uint16_t port() const;

	void add_peer(std::uint16_t port);

	// When clients are asked to come again, and when they may at the earliest, in seconds; half an hour at
	// first, and no word of the other.
	void set_interval(int seconds);

	// From now on announces are taken and none is answered.
	void fall_silent();

	// The number of announces so far.
	int announces() const;

private:
	void accept();
	void answer(boost::asio::ip::tcp::socket& client);
	std::string body();

	boost::asio::io_context m_ios;
	boost::asio::ip::tcp::acceptor m_acceptor;
	mutable std::mutex m_mutex;
	std::vector<std::uint16_t> m_peers;
	int m_announces = 0;
	std::string m_interval = "1800"; // bencoded, with the shortest one behind it if it was set
	std::atomic<bool> m_is_silent{false};
	std::vector<boost::asio::ip::tcp::socket> m_unanswered;
	std::thread m_thread;
};

} // namespace rawswarm::test
