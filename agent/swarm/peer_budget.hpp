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
// - Time: bytes that carry no blocks. Of a peer that fetches, each block that it was sent allows for more. An
//   address that was hung up on for this is suspect for a while, as dialling again would be worth as much
//   each time otherwise: its connections may say little, and slowly, until a block has come or gone.
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
	std::int64_t pieces = 0; // of that torrent
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

	// What may come at once: requests, and more than a HAVE (nine bytes) of each piece, as a peer may have
	// just looked through its disk. At most what the pieces of the largest torrent take twice (BITFIELD), and
	// that for each peer that blocks came from: some come twice as frames, which count, or when the torrent
	// is whole, where unasked ones count an eighth.
	static constexpr std::int64_t talk_at_once = std::int64_t(128) * 1024;
	static constexpr std::int64_t talk_of_suspect = std::int64_t(32) * 1024;
	static constexpr std::int64_t talk_of_piece = 16;
	static constexpr std::int64_t most_talk_at_once = std::int64_t(1024) * 1024;
	static constexpr std::int64_t unasked_per_talk = 8;

	// Since an address was last hung up on for what it said. Of so many addresses; the oldest go first. All
	// slow connections together may send so much; libtorrent lets one of short messages have a few KB a
	// second, of which little is forgiven, so that a talker's turn comes to an end. An address has so many of
	// them, which leaves each something, and the newest stay: who has a block to send or to fetch is slow for
	// a moment only.
	static constexpr std::int64_t slow_per_second = std::int64_t(64) * 1024;
	static constexpr std::int64_t slow_talk_per_second = 1024;
	static constexpr std::size_t most_slow = 16;
	static constexpr std::chrono::minutes suspect_time{3};
	static constexpr std::size_t most_suspects = 1000;

	static constexpr std::chrono::seconds crowded_time{10};

	// Addresses with as few connections do not give way.
	static constexpr std::size_t modest = 8;

	struct verdict
	{
		std::vector<std::size_t> surplus; // connections to hang up on, by their place in what was given
		std::vector<std::size_t> talkers; // the same, for what they sent
		bool crowd_has_changed = false;
		bool suspects_have_changed = false;
	};

	// To be called about twice per second, with all connections.
	verdict judge(std::span<connection_facts const> all, budget_limits const& limits, clock::time_point now);

	// The addresses that get no new connections as long as there are `share` of them.
	std::vector<address> crowded() const;

	// Those whose connections are slow from the beginning, and whether one is still to be.
	std::vector<address> suspects() const;
	bool is_slow(connection_facts const& c) const;

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
	std::int64_t at_once(connection_facts const& c) const;
	void judge_talk(
		std::span<connection_facts const> all, double seconds, std::vector<bool>& is_out, verdict& v);
	void suspect(std::span<connection_facts const> all, clock::time_point now, verdict& v);
	void judge_slow(std::span<connection_facts const> all, std::vector<bool>& is_out, verdict& v) const;
	void judge_unsent(std::span<connection_facts const> all, budget_limits const& limits,
		std::vector<bool>& is_out, verdict& v) const;
	void judge_shares(std::span<connection_facts const> all, budget_limits const& limits,
		clock::time_point now, std::vector<bool>& is_out, verdict& v);

	std::map<std::uint64_t, said_so_far> m_said; // by connection
	std::map<address, double> m_owed;
	std::map<address, clock::time_point> m_suspects; // when one was last hung up on
	std::map<address, clock::time_point> m_crowded; // until
	clock::time_point m_last{};
};

} // namespace rawswarm
