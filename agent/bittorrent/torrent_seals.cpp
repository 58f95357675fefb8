// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_seals.hpp"

#include "agent/bittorrent/beside_info.hpp"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr char const* raw_key = "raw";
constexpr char const* frames_key = "frames";

void add(lt::entry& to, char const* const key, std::vector<piece_seal> const& seals)
{
	if (!seals.empty())
	{
		std::string bytes(seals.size() * sizeof(piece_seal), '\0');
		std::memcpy(bytes.data(), seals.data(), bytes.size());
		to[key] = std::move(bytes);
	}
}

result<std::vector<piece_seal>> read(beside_info const& from, char const* const key)
{
	BOOST_OUTCOME_TRY(bytes, from.of_pieces(key, sizeof(piece_seal)));
	std::vector<piece_seal> seals;
	if (bytes)
	{
		seals.resize(bytes->size() / sizeof(piece_seal));
		std::memcpy(seals.data(), bytes->data(), bytes->size());
	}
	return seals;
}

} // namespace

lt::entry write_seals(piece_seals const& seals)
{
	lt::entry dictionary(lt::entry::dictionary_t);
	add(dictionary, raw_key, seals.raw);
	add(dictionary, frames_key, seals.frames);
	return dictionary;
}

result<piece_seals> read_seals(std::string_view const bytes, int const pieces)
{
	BOOST_OUTCOME_TRY(dictionary, beside_info::read(bytes, seals_key, pieces));
	BOOST_OUTCOME_TRY(raw, read(dictionary, raw_key));
	BOOST_OUTCOME_TRY(frames, read(dictionary, frames_key));
	return piece_seals{std::move(raw), std::move(frames)};
}

} // namespace rawswarm
