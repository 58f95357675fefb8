// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/beside_info.hpp"

#include <limits>
#include <utility>

namespace rawswarm
{

beside_info::beside_info(lt::bdecode_node torrent, char const* const name, int const pieces)
	: m_torrent(std::move(torrent))
	, m_dictionary(m_torrent.dict_find(name))
	, m_name(name)
	, m_pieces(pieces)
{}

result<beside_info> beside_info::read(std::string_view const bytes, char const* const name, int const pieces)
{
	// Parsed once more, without limits: load_torrent() has applied them.
	constexpr int depth_limit = 100;
	lt::error_code ec;
	auto torrent = lt::bdecode({bytes.data(), static_cast<std::ptrdiff_t>(bytes.size())}, ec, nullptr,
		depth_limit, std::numeric_limits<int>::max());
	if (ec)
	{
		return fail(fault::refused, ec, "reading the torrent");
	}
	beside_info found(std::move(torrent), name, pieces);
	if (found.m_dictionary && found.m_dictionary.type() != lt::bdecode_node::dict_t)
	{
		return fail(fault::refused, "reading the torrent: {}: not a dictionary", name);
	}
	return found;
}

result<std::optional<std::string_view>> beside_info::of_pieces(
	char const* const key, std::size_t const bytes_for_each) const
{
	auto const value = m_dictionary ? m_dictionary.dict_find(key) : lt::bdecode_node();
	if (!value)
	{
		return std::optional<std::string_view>();
	}
	auto const length = static_cast<std::size_t>(m_pieces) * bytes_for_each;
	if (value.type() != lt::bdecode_node::string_t || value.string_value().size() != length)
	{
		return fail(fault::refused, "reading the torrent: {}.{}: not one for each of its {} pieces", m_name,
			key, m_pieces);
	}
	return std::optional(std::string_view(value.string_ptr(), length));
}

} // namespace rawswarm
