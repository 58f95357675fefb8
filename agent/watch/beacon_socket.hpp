// SPDX-License-Identifier: BSD-3-Clause
// Where beacons arrive: a UDP socket for both families that has joined the room's groups.
//
// One thread, that of the io_context, which must outlive it. Several may listen on one machine: beacons to a
// group or to a broadcast address reach all of them, those to this machine's own address the one that came
// last.
#pragma once

#include "agent/beacon/beacon_format.hpp"
#include "agent/net/endpoint.hpp"
#include "agent/watch/receive_budget.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace rawswarm
{

class beacon_socket
{
public:
	// from: an IPv4 sender has its IPv4 address. A datagram that is longer than a beacon may be is cut one
	// byte above max_beacon_bytes. Returns whether it was parsed, which costs more than to refuse it at the
	// first look.
	using on_datagram =
		std::function<bool(boost::asio::ip::udp::endpoint const& from, std::string_view datagram)>;

	explicit beacon_socket(boost::asio::io_context& ios);
	~beacon_socket();

	beacon_socket(beacon_socket const&) = delete;
	beacon_socket& operator=(beacon_socket const&) = delete;

	// [::] takes IPv4 as well, and a machine without IPv6 listens on 0.0.0.0. A group that cannot be joined
	// is a warning: each with every_group, else only if none can. Errors: fault::network.
	result<void> listen(endpoint const& wanted, std::vector<scoped_address> const& groups, bool every_group);

	std::uint16_t port() const { return m_port; } // 0 before it listens

	// Calls take for each datagram until stop(), and after each batch of them batch_done. The first is taken
	// at once, and what comes within the next 10 ms together.
	void start(on_datagram take, std::function<void()> batch_done);

	// While take is called, to one who has sent a datagram: at once or, if the kernel refuses, not at all.
	void send(boost::asio::ip::udp::endpoint const& to, std::string_view datagram);
	void stop();

private:
	void join_all(std::vector<scoped_address> const& groups, bool every_group);
	bool join(boost::asio::ip::address const& group, bool every_group);
	enum class batch
	{
		full, // more may have come
		last, // nothing more has come
		over_budget,
	};

	void wait();
	void pause(std::chrono::milliseconds time);
	void leave_reactor();
	bool join_reactor();
	batch read_batch();

	unique_fd m_fd; // once it listens
	boost::asio::ip::udp::socket m_socket; // the same, while what arrives is to wake somebody
	std::uint16_t m_port = 0;
	boost::asio::ip::udp m_protocol = boost::asio::ip::udp::v6();
	boost::asio::steady_timer m_pause;
	receive_budget m_budget;
	on_datagram m_take;
	std::function<void()> m_batch_done;
	// One byte more than a beacon may have, to recognize larger ones.
	std::array<char, max_beacon_bytes + 1> m_datagram{};
	bool m_stopped = false;
};

} // namespace rawswarm
