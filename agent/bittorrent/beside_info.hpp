// SPDX-License-Identifier: BSD-3-Clause
// Dictionaries of ours in a torrent, beside the info dictionary. The info-hash does not cover them: they help
// whoever trusts the file that it was given, and nothing may depend on them that a hash does not decide.
//
// Pure. Unknown keys are skipped. A value is a string that has so many bytes for each piece.
#pragma once

#include "base/result.hpp"

#include <libtorrent/bdecode.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace rawswarm
{

class beside_info
{
public:
	// bytes: a torrent that load_torrent() takes, with so many pieces; they must outlive the object. Refused
	// (fault::refused): what has that name is no dictionary.
	static result<beside_info> read(std::string_view bytes, char const* name, int pieces);

	// A copy would refer to what the original has parsed.
	beside_info(beside_info const&) = delete;
	beside_info& operator=(beside_info const&) = delete;
	beside_info(beside_info&&) = default;
	beside_info& operator=(beside_info&&) = default;
	~beside_info() = default;

	// Empty: there is none. Refused (fault::refused): one for another number of pieces.
	result<std::optional<std::string_view>> of_pieces(char const* key, std::size_t bytes_for_each) const;

private:
	beside_info(lt::bdecode_node torrent, char const* name, int pieces);

	lt::bdecode_node m_torrent;
	lt::bdecode_node m_dictionary;
	char const* m_name;
	int m_pieces;
};

} // namespace rawswarm
