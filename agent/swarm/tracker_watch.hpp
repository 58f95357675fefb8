// SPDX-License-Identifier: BSD-3-Clause
// Whether the trackers answer, and what the user is told about it: one warning when a tracker has not
// answered for ten seconds, with the last reason, and one line when it answers again.
//
// libtorrent asks a tracker from every address that it listens on. A tracker is there as long as one of them
// gets answers: many have no IPv6.
//
// Pure: the caller brings the time.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

class tracker_watch
{
public:
	using clock = std::chrono::steady_clock;
	using address = boost::asio::ip::tcp::endpoint; // of ours

	// Returns the line to be logged, if the tracker was reported as silent.
	std::optional<std::string> answered(std::string const& url, address const& from);

	void failed(std::string const& url, address const& from, std::string reason, clock::time_point now);

	// The warnings that are due now.
	std::vector<std::string> silent(clock::time_point now);

	// "udp://server:6969: Connection refused", of each tracker that does not answer, separated by semicolons.
	std::string reasons() const;

private:
	struct tracker
	{
		std::map<address, bool> is_failing; // from where
		std::optional<clock::time_point> since; // from everywhere
		std::string reason; // the last one
		bool is_reported = false;
	};

	std::map<std::string, tracker> m_trackers; // by URL
};

} // namespace rawswarm
