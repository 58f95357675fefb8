// SPDX-License-Identifier: BSD-3-Clause
// What a tracker keeps and tells, at most. Values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rawswarm
{

struct tracker_options
{
	// When a client is to ask again. Of two machines the one that asks later learns of the other, so all meet
	// whatever the interval is; it says for how long the others try to reach one that was switched off, and a
	// server that was started again knows the room after one. 1,000 machines are 33 announces a second.
	std::chrono::seconds interval{30};

	// The same while the image that it wants is being opened: that takes a moment.
	std::chrono::seconds opening_interval{5};

	// A client that has asked once only is kept for twice this long, any other for twice as long as it last
	// took to ask again: libtorrent, of which many clients are made, asks every five minutes at most unless
	// it is told otherwise, whatever the tracker says.
	std::chrono::seconds longest_interval{300};

	// Clients of a torrent that are kept. More than a room has: some 250 bytes each.
	std::size_t clients = 4000;

	// Of one address, whose further ones take the place of its own oldest. Several agents on a machine, or a
	// room behind one address.
	std::size_t clients_of_an_address = 500;

	std::size_t told = 200; // addresses in an answer; as many as libtorrent asks for
	std::size_t told_unasked = 50; // to a client that does not say how many it wants; the usual number
	std::size_t scraped = 64; // torrents in an answer to a scrape
};

struct tracker_counts
{
	std::size_t torrents = 0;
	std::size_t complete = 0; // clients that have everything
	std::size_t incomplete = 0;
	std::int64_t announces = 0; // so far
	std::int64_t refused = 0; // of them: malformed, or for a torrent that is not known
};

} // namespace rawswarm
