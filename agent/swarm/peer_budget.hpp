// SPDX-License-Identifier: BSD-3-Clause
// What the peers of a session may take of it that give nothing: connections, memory for what they do not
// read, and the time that reading their messages takes. Each has a bound of its own, for one connection and
// for all of an address, so that a stranger takes its share and nobody else's.
//
// - Connections: an address has a quarter of them. When nine tenths are taken, those that have most give
//   way. Of one address those go first that have not said what they want, then those that no block came from
//   or went to, and of these the youngest. An address that took more than its share is crowded for a while:
//   it gets no new connections as long as there are as many as one share.
// - Memory: messages that wait to be sent.
// - Time: bytes that carry no blocks. Of a peer that fetches, each block that it was sent allows for more.
//
// A room behind one address (NAT) is one address. A host that has many counts as many: by its network it
// cannot be told from a room.
//
// Pure: the caller brings the connections and the time.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace rawswarm
{

// One connection, so far. Bytes.
struct connection_facts
{
	std::uint64_t id = 0; // may come again for another connection once this one has ended
	boost::asio::ip::address remote;
	bool has_met = false; // it has named a torrent of ours
	bool is_whole = false; // we need no blocks of that torrent
	std::int64_t blocks_in = 0;
	std::int64_t blocks_out = 0;
	std::int64_t other_in = 0; // all but the content of blocks
	std::int64_t unsent = 0; // waits to be written to the socket
	std::int64_t most_unsent = 0; // what may wait
};

struct budget_limits
{
	std::size_t connections = 0; // the session's
	std::int64_t unsent = 0; // of all connections together
};

class peer_budget
{
public:
	using address = boost::asio::ip::address;
	using clock = std::chrono::steady_clock;

	// Bytes without blocks that a connection may send per second, far above what a room says: as many as
	// 14,000 HAVE messages. Eight of an address may do so.
	static constexpr std::int64_t talk_per_second = std::int64_t(128) * 1024;
	static constexpr std::int64_t talkers_of_address = 8;

	// One such byte more for so many that it was sent: a request has 17 bytes and asks for 16,384.
	static constexpr std::int64_t fetched_per_talk = 64;

	// What may come at once: the pieces of the largest torrent take half of it (BITFIELD). Unasked blocks
	// count an eighth, as some are under way when a torrent becomes whole.
	static constexpr std::int64_t talk_at_once = std::int64_t(1024) * 1024;
	static constexpr std::int64_t unasked_per_talk = 8;

	static constexpr std::chrono::seconds crowded_time{10};

	// Addresses with as few connections do not give way.
	static constexpr std::size_t modest = 8;

	struct verdict
	{
		std::vector<std::size_t> surplus; // connections to hang up on, by their place in what was given
		std::vector<std::size_t> talkers; // the same, for what they sent
		bool crowd_has_changed = false;
	};

	// To be called about twice per second, with all connections.
	verdict judge(std::span<connection_facts const> all, budget_limits const& limits, clock::time_point now);

	// The addresses that get no new connections as long as there are `share` of them.
	std::vector<address> crowded() const;
	static std::size_t share(budget_limits const& limits);

private:
	struct said_so_far
	{
		std::int64_t blocks_in = 0;
		std::int64_t blocks_out = 0;
		std::int64_t other_in = 0;
		double owed = 0; // bytes beyond what was allowed so far
	};

	static std::int64_t talk_since(connection_facts const& c, said_so_far& t);
	void judge_talk(
		std::span<connection_facts const> all, double seconds, std::vector<bool>& is_out, verdict& v);
	void judge_unsent(std::span<connection_facts const> all, budget_limits const& limits,
		std::vector<bool>& is_out, verdict& v) const;
	void judge_shares(std::span<connection_facts const> all, budget_limits const& limits,
		clock::time_point now, std::vector<bool>& is_out, verdict& v);

	std::map<std::uint64_t, said_so_far> m_said; // by connection
	std::map<address, double> m_owed;
	std::map<address, clock::time_point> m_crowded; // until
	clock::time_point m_last{};
};

} // namespace rawswarm
