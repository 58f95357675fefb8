// SPDX-License-Identifier: BSD-3-Clause
// What clients ask the tracker of a room (agent/tracker/tracker.hpp), one query a line: each answer is
// bencoded, no longer than it is said to be, and tells of no more clients than were asked for; all clients
// together stay within their bound.
//
// Compiled with: agent/tracker/announce_request.cpp agent/tracker/bencoding.cpp
// Compiled with: agent/tracker/tracked_torrent.cpp agent/tracker/tracker.cpp base/percent_decoded.cpp
// Compiled with: base/text.cpp -ltorrent-rasterbar -lssl -lcrypto
#include "agent/tracker/tracker.hpp"
#include "base/text.hpp"
#include "tests/fuzz/require.hpp"

#include <libtorrent/bdecode.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace
{

using namespace rawswarm;
using fuzz::require;
namespace ip = boost::asio::ip;

constexpr std::size_t most_queries = 40;
constexpr std::size_t most_answer = 20'000; // bytes
constexpr std::size_t compact_v4 = 6;
constexpr std::size_t compact_v6 = 18;

lt::bdecode_node decoded(std::string const& answer)
{
	require(answer.size() <= most_answer);
	lt::error_code ec;
	int position = 0;
	auto root = lt::bdecode(answer, ec, &position);
	require(!ec && root.type() == lt::bdecode_node::dict_t
		&& root.data_section().size() == std::ptrdiff_t(answer.size()));
	return root;
}

// Addresses of three families of senders.
ip::address sender(std::size_t const n)
{
	switch (n % 3)
	{
	case 0: return ip::address_v4(static_cast<std::uint32_t>(0xC0000200U + n % 7));
	case 1: return ip::make_address("2001:db8::" + std::to_string(n % 7 + 1));
	default: return ip::make_address("fe80::1");
	}
}

void check_announce(announce_request const& request, lt::bdecode_node const& answer, std::size_t const told)
{
	if (answer.dict_find("failure reason"))
	{
		require(answer.dict_size() == 1);
		return;
	}
	auto const peers = answer.dict_find("peers");
	auto const v6 = answer.dict_find_string_value("peers6");
	require(
		answer.dict_find_int_value("interval", -1) > 0 && answer.dict_find_int_value("complete", -1) >= 0);
	require(answer.dict_find_int_value("incomplete", -1) >= 0 && v6.size() % compact_v6 == 0);
	require(request.is_compact == (peers.type() == lt::bdecode_node::string_t));
	auto const count = request.is_compact ? peers.string_value().size() / compact_v4 + v6.size() / compact_v6
										  : std::size_t(peers.list_size());
	require(count <= told && count <= request.wanted.value_or(told));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	tracker_options options;
	options.clients = 16;
	options.clients_of_an_address = 4;
	tracker room(options);
	room.set_known({std::string(40, '6'), "00112233445566778899aabbccddeeff00112233"});
	room.set_own_port(6881);
	room.on_wanted = [](std::string const& hash) { return hash.front() == '6'; };
	tracker::clock::time_point now{std::chrono::hours(1)};
	std::size_t n = 0;
	for (auto const query : split(fuzz::text_of(data, size), '\n'))
	{
		auto const request = parse_announce(query);
		require(!request || request.value().info_hash.size() == info_hash_bytes);
		require(!request || request.value().peer_id.size() % info_hash_bytes == 0);
		auto const answer = room.announce(query, sender(n), ip::make_address("192.0.2.1"), now);
		auto const root = decoded(answer);
		if (request)
		{
			check_announce(request.value(), root, options.told);
		}
		else
		{
			require(bool(root.dict_find_string("failure reason")));
		}
		decoded(room.scrape(query, now));
		auto const counts = room.counts(now);
		require(counts.torrents == 2 && counts.complete + counts.incomplete <= 2 * options.clients);
		require(counts.announces == std::int64_t(n) + 1 && counts.refused <= counts.announces);
		now += std::chrono::seconds(query.size() % 64);
		// So that there are many inputs a second.
		if (++n == most_queries)
		{
			break;
		}
	}
	return 0;
}
