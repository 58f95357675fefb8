// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_frames.hpp"

#include "agent/bittorrent/beside_info.hpp"

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr char const* lengths_key = "lengths";
constexpr std::size_t length_bytes = sizeof(std::uint32_t);

} // namespace

lt::entry write_frame_lengths(std::vector<std::uint32_t> const& of_pieces)
{
	std::string bytes(of_pieces.size() * length_bytes, '\0');
	auto* to = reinterpret_cast<unsigned char*>(bytes.data());
	for (auto const length : of_pieces)
	{
		boost::endian::store_little_u32(to, length);
		to += length_bytes;
	}
	lt::entry dictionary(lt::entry::dictionary_t);
	dictionary[lengths_key] = std::move(bytes);
	return dictionary;
}

result<std::vector<std::uint32_t>> read_frame_lengths(std::string_view const bytes, int const pieces)
{
	BOOST_OUTCOME_TRY(dictionary, beside_info::read(bytes, frames_key, pieces));
	BOOST_OUTCOME_TRY(lengths, dictionary.of_pieces(lengths_key, length_bytes));
	std::vector<std::uint32_t> of_pieces(lengths ? static_cast<std::size_t>(pieces) : 0);
	auto const* from = lengths ? reinterpret_cast<unsigned char const*>(lengths->data()) : nullptr;
	std::ranges::generate(of_pieces, [&from] {
		auto const length = boost::endian::load_little_u32(from);
		from += length_bytes;
		return length;
	});
	return of_pieces;
}

} // namespace rawswarm
