// SPDX-License-Identifier: BSD-3-Clause
// The clients of one torrent that a tracker knows, and which of them it tells another one.
//
// Pure: the caller brings the time. A client is an address and the port at which it listens. All that is kept
// is bounded, and an address cannot take the place of another one's only client: its further clients replace
// its own oldest, and if the room is full, those of the address that has most.
#pragma once

#include "agent/tracker/tracker_options.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace rawswarm
{

struct tracked_client
{
	boost::asio::ip::address address;
	std::uint16_t port = 0;
	std::string peer_id; // 20 bytes, or empty
	bool lacks = false; // it would fetch something
	bool is_complete = false;
};

class tracked_torrent
{
public:
	using clock = std::chrono::steady_clock;
	using address = boost::asio::ip::address;

	// A client has announced itself. Returns whether it was there before, without having everything.
	bool put(tracked_client client, tracker_options const& options, clock::time_point now);

	void remove(address const& a, std::uint16_t port);

	// Forgets clients that have not asked again. Cheap if it was called within the same second.
	void expire(clock::time_point now);

	// Who is to be told of others.
	struct asker
	{
		address from;
		std::uint16_t port = 0;
		bool lacks = false;
	};

	// At most so many others that it can reach. One that lacks nothing hears of those that do; any other of
	// both kinds alike, as far as there are. Each address comes once before one comes twice, and each call
	// goes on where the last one ended.
	std::vector<tracked_client const*> choose(asker const& who, std::size_t most);

	void count_download() { ++m_downloads; }

	std::size_t size() const { return m_size; }
	std::size_t complete() const { return m_complete; }
	std::int64_t downloads() const { return m_downloads; } // clients that told that they have become complete

private:
	struct entry
	{
		tracked_client client;
		clock::time_point seen;
		clock::duration rhythm{}; // between its last two announces
	};
	using entries = std::vector<entry>;

	using clients_of_addresses = std::map<address, entries>;

	bool make_room(address const& newcomer, tracker_options const& options);
	void drop_oldest(clients_of_addresses::iterator of);
	template <class Which>
	clients_of_addresses::iterator drop_if(clients_of_addresses::iterator of, Which which);
	std::vector<clients_of_addresses::const_iterator> in_turn(address const& from) const;

	clients_of_addresses m_clients; // none is empty
	std::size_t m_size = 0; // all addresses together
	std::size_t m_complete = 0; // of them
	std::int64_t m_downloads = 0;
	address m_next; // the first address to be told
	std::size_t m_turn = 0; // of an address that has several clients: which of them comes first
	clock::time_point m_expired{}; // when that was last looked at
};

} // namespace rawswarm
