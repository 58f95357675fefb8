// SPDX-License-Identifier: BSD-3-Clause
// A torrent with a value of ours beside its info dictionary.
#pragma once

#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>

#include <iterator>
#include <string>
#include <utility>

namespace rawswarm::test
{

inline std::string torrent_with(std::string const& key, lt::entry value)
{
	lt::entry torrent(lt::entry::dictionary_t);
	torrent["info"]["name"] = "image";
	torrent[key] = std::move(value);
	std::string bytes;
	lt::bencode(std::back_inserter(bytes), torrent);
	return bytes;
}

} // namespace rawswarm::test
