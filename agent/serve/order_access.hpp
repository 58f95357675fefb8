// SPDX-License-Identifier: BSD-3-Clause
// Who may give the room's orders by HTTP: whoever knows the token, and without it this machine itself.
//
// A browser acts for every page that is open in it, so that a request must also show that it comes from our
// own page or from no page at all:
// - its Origin, which browsers send with every POST, is the server that it asks for (Host);
// - its content is JSON by its Content-Type: a browser sends that to another server only if that server
// allows
//   it, which this one never does (Fetch Standard, "CORS-safelisted request-header").
// The server itself refuses a Host that is none of its own (agent/http_server/own_hosts.hpp).
//
// A proxy on this machine makes everybody come from loopback: what says that it came through one needs the
// token.
//
// Wrong tokens of one address (of IPv6 its /64) are counted: five at once, then one a second; within that
// limit every other request of that address is refused as well, right or wrong. 256 addresses are remembered,
// and of more the oldest is forgotten.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace rawswarm
{

// What a request says of where it comes from; headers as they came, empty if they are not there.
struct order_sender
{
	boost::asio::ip::address peer;
	std::string_view host;
	std::string_view origin;
	std::string_view content_type;
	std::string_view authorization;
	bool forwarded = false; // by a proxy, as it says
};

enum class order_verdict
{
	allowed,
	foreign_page, // 403
	no_json, // 415
	no_token, // 401
	wrong_token, // 401
	too_many_tries, // 429
};

// Used by one thread.
class order_access
{
public:
	using clock = std::chrono::steady_clock;
	static constexpr std::size_t max_addresses = 256;
	static constexpr int tries_at_once = 5;
	static constexpr std::chrono::seconds time_per_try{1};

	explicit order_access(std::string token);

	order_verdict check(order_sender const& sender, clock::time_point now);

	// Whether it needs no token.
	static bool is_this_machine(order_sender const& sender);

private:
	// Tries are counted by time: each wrong one moves `until` on.
	struct tries
	{
		boost::asio::ip::address address;
		clock::time_point until;
	};

	tries* find(boost::asio::ip::address const& address, clock::time_point now);
	bool is_token(std::string_view authorization) const;

	std::string m_token;
	std::deque<tries> m_tries; // the oldest first
};

} // namespace rawswarm
