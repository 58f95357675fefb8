// SPDX-License-Identifier: BSD-3-Clause
#include "agent/bittorrent/extension_handshake.hpp"

#include <libtorrent/bdecode.hpp>

#include <limits>

namespace rawswarm
{

std::uint8_t extension_id(lt::bdecode_node const& handshake, char const* const name)
{
	if (handshake.type() != lt::bdecode_node::dict_t)
	{
		return 0;
	}
	auto const ids = handshake.dict_find_dict("m");
	auto const id = ids ? ids.dict_find_int_value(name) : 0;
	return id > 0 && id <= std::numeric_limits<std::uint8_t>::max() ? static_cast<std::uint8_t>(id)
																	: std::uint8_t(0);
}

} // namespace rawswarm
