// SPDX-License-Identifier: BSD-3-Clause
// Sends beacons (agent/beacon/beacon_format.hpp).
//
// Sending never blocks the work: sockets are non-blocking, and a datagram that the kernel refuses is dropped
// (logged at debug, once per destination).
#pragma once

#include "agent/beacon/agent_number.hpp"
#include "agent/beacon/beacon_format.hpp"
#include "agent/net/endpoint.hpp"
#include "agent/progress/progress.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

// Owned and called by one thread, that of the io_context.
class beacon_sender
{
public:
	// Multicast and broadcast destinations are allowed; the multicast TTL is 1, and a multicast datagram that
	// has no route goes out of every interface that is up. A destination that cannot be opened (no IPv6, say)
	// is dropped with one line in the log. Interfaces that destinations name are looked up now. key: empty:
	// not signed. number: is held as long as this exists.
	beacon_sender(boost::asio::io_context& ios, beacon_identity id, std::vector<endpoint> const& to,
		std::optional<std::string> key, std::optional<agent_number> number = {});
	~beacon_sender();
	beacon_sender(beacon_sender const&) = delete;
	beacon_sender& operator=(beacon_sender const&) = delete;

	// Sends one datagram to each destination, now. Returns at once; never throws.
	// A signed one answers what watchers have asked since the last (agent/beacon/beacon_question.hpp).
	void send(progress const& p);

	// Whether watchers may ask: beacons are signed.
	bool may_be_asked() const noexcept;

	// Whether one has asked what no beacon has answered yet. Returns at once.
	bool was_asked();

private:
	struct impl;
	std::unique_ptr<impl> m_impl;
};

} // namespace rawswarm
