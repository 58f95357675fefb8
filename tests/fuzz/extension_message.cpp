// SPDX-License-Identifier: BSD-3-Clause
// The extension messages that rawswarms send each other (agent/bittorrent/extension_handshake.hpp): the
// bodies of rs_room and rs_claim yield no more than they hold, and the same when it is written and read
// again; rs_frame names a block of the torrent, whose frame fills it or is refused. The first byte of the
// input says which message it is.
//
// Compiled with: agent/bittorrent/extension_handshake.cpp agent/bittorrent/frame_message.cpp
// Compiled with: agent/swarm/peer_addresses.cpp agent/web_seed/claim_message.cpp
// Compiled with: storage/device/block_frame.cpp -ltorrent-rasterbar -lzstd -lssl -lcrypto
#include "agent/bittorrent/extension_handshake.hpp"
#include "agent/bittorrent/frame_message.hpp"
#include "agent/swarm/peer_addresses.hpp"
#include "agent/web_seed/claim_message.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/units.hpp"
#include "tests/fuzz/require.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/torrent_info.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace
{

using namespace rawswarm;
using fuzz::require;

void check_handshake(std::span<char const> const body)
{
	lt::error_code ec;
	auto const handshake = lt::bdecode({body.data(), static_cast<std::ptrdiff_t>(body.size())}, ec);
	auto const ids = handshake && handshake.type() == lt::bdecode_node::dict_t ? handshake.dict_find_dict("m")
																			   : lt::bdecode_node();
	for (auto const* const name :
		{room_message_name, claim_message_name, frame_message_name, proof_message_name})
	{
		auto const id = extension_id(handshake, name);
		require(id == 0 || (ids && ids.dict_find_int_value(name) == id));
	}
}

void check_addresses(std::span<char const> const body)
{
	auto const addresses = read_addresses(body);
	require(addresses.size() <= max_addresses && addresses.size() * 6 <= body.size());
	auto const again = read_addresses(write_addresses(addresses));
	require(again == addresses);
}

void check_claims(std::span<char const> const body)
{
	auto const claims = read_claims(body);
	require(claims.size() <= body.size() / claim_bytes);
	std::vector<char> written;
	for (auto const& claim : claims)
	{
		append_claim(written, claim);
	}
	require(read_claims(written) == claims);
}

// Three pieces of 64 KiB, the last of 20,000 bytes.
lt::torrent_info const& torrent()
{
	static std::string const text =
		"d4:infod6:lengthi151072e4:name3:0x012:piece lengthi65536e6:pieces60:" + std::string(60, 'a') + "ee";
	static lt::torrent_info const info(text, lt::from_span);
	return info;
}

void check_frame_message(std::span<char const> const body)
{
	auto const read = read_frame_message(body, torrent());
	if (!read)
	{
		return;
	}
	auto const& block = read.value();
	require(block.piece >= lt::piece_index_t(0) && block.piece <= torrent().last_piece());
	require(block.start >= 0 && block.start % block_size == 0 && block.length > 0);
	require(block.length <= block_size && block.start + block.length <= torrent().piece_size(block.piece));
	std::vector<char> bytes(static_cast<std::size_t>(block.length));
	frame_reader reader;
	(void)reader.unpack(body.subspan(frame_begins_at), bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	if (size < 1)
	{
		return 0;
	}
	std::span<char const> const body = fuzz::text_of(data, size).substr(1);
	switch (data[0] % 4)
	{
	case 0: check_handshake(body); break;
	case 1: check_addresses(body); break;
	case 2: check_claims(body); break;
	default: check_frame_message(body); break;
	}
	return 0;
}
