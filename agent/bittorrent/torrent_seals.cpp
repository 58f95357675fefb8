// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/torrent_seals.hpp"

#include <libtorrent/bdecode.hpp>

#include <cstring>
#include <limits>
#include <string>
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

result<std::vector<piece_seal>> read(lt::bdecode_node const& from, char const* const key, int const pieces)
{
	auto const value = from.dict_find(key);
	if (!value)
	{
		return std::vector<piece_seal>();
	}
	std::vector<piece_seal> seals(static_cast<std::size_t>(pieces));
	auto const length = seals.size() * sizeof(piece_seal);
	if (value.type() != lt::bdecode_node::string_t || value.string_value().size() != length)
	{
		return fail(fault::refused,
			"reading the torrent: rawswarm seals.{}: not one for each of its {} pieces", key, pieces);
	}
	std::memcpy(seals.data(), value.string_ptr(), length);
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
	// Parsed once more, without limits: load_torrent() has applied them.
	constexpr int depth_limit = 100;
	lt::error_code ec;
	auto const torrent = lt::bdecode({bytes.data(), static_cast<std::ptrdiff_t>(bytes.size())}, ec, nullptr,
		depth_limit, std::numeric_limits<int>::max());
	if (ec)
	{
		return fail(fault::refused, ec, "reading the torrent: rawswarm seals");
	}
	auto const dictionary = torrent.dict_find(seals_key);
	if (!dictionary)
	{
		return piece_seals{};
	}
	if (dictionary.type() != lt::bdecode_node::dict_t)
	{
		return fail(fault::refused, "reading the torrent: rawswarm seals: not a dictionary");
	}
	BOOST_OUTCOME_TRY(raw, read(dictionary, raw_key, pieces));
	BOOST_OUTCOME_TRY(frames, read(dictionary, frames_key, pieces));
	return piece_seals{std::move(raw), std::move(frames)};
}

} // namespace rawswarm
