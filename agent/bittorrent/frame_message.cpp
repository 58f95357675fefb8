// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/frame_message.hpp"

#include "storage/device/block_frame.hpp"
#include "storage/device/units.hpp"

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <cstdint>

namespace rawswarm
{

namespace
{

std::uint32_t number_at(std::span<char const> const body, std::size_t const at)
{
	return boost::endian::load_big_u32(reinterpret_cast<unsigned char const*>(body.data() + at));
}

} // namespace

std::size_t longest_frame_message()
{
	return frame_begins_at + block_size; // a frame that is longer than its block is never sent
}

result<lt::peer_request> read_frame_message(std::span<char const> const body, lt::torrent_info const& torrent)
{
	if (body.size() <= frame_begins_at || body.size() > longest_frame_message())
	{
		return fail(fault::refused, "a frame message of {} bytes", body.size());
	}
	auto const piece = number_at(body, 0);
	auto const begin = number_at(body, 4);
	if (piece >= static_cast<std::uint32_t>(torrent.num_pieces()) || begin % block_size != 0
		|| begin
			>= static_cast<std::uint32_t>(torrent.piece_size(lt::piece_index_t(static_cast<int>(piece)))))
	{
		return fail(fault::refused, "a frame of block {:#x} of piece {}, which is none", begin, piece);
	}
	lt::peer_request r{};
	r.piece = lt::piece_index_t(static_cast<int>(piece));
	r.start = static_cast<int>(begin);
	r.length = std::min(block_size, torrent.piece_size(r.piece) - r.start);
	auto const frame = body.subspan(frame_begins_at);
	if (number_at(body, frame_length_at) != frame.size())
	{
		return fail(fault::refused, "a frame message that is not as long as it says");
	}
	BOOST_OUTCOME_TRYV(check_frame(frame, static_cast<std::size_t>(r.length)));
	return r;
}

std::string takes_frames_message(bool const takes)
{
	return {takes ? '\1' : '\0'};
}

} // namespace rawswarm
