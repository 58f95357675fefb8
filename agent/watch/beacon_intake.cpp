// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/beacon_intake.hpp"

#include "agent/beacon/beacon_mac.hpp"
#include "agent/log/log.hpp"

#include <utility>

namespace rawswarm
{

beacon_intake::beacon_intake(std::optional<std::string> key)
	: m_key(std::move(key))
{}

bool beacon_intake::may_be_shown(std::string_view from, std::string_view datagram)
{
	if (datagram.size() > max_beacon_bytes)
	{
		++m_counts.malformed;
		return false;
	}
	if (m_key && !beacon_is_authentic(datagram, *m_key))
	{
		if (++m_counts.unsigned_ones == 1)
		{
			log::get(log::component::beacon)
				.warn("a beacon from {} is not signed with the key; such are not shown", from);
		}
		return false;
	}
	return true;
}

std::optional<received_beacon> beacon_intake::decode(std::string_view from, std::string_view datagram)
{
	auto beacon = decode_beacon(datagram);
	if (!beacon)
	{
		++m_counts.malformed;
		log::get(log::component::beacon).debug("from {}: {}", from, beacon.error().text);
		return std::nullopt;
	}
	return std::move(beacon.value());
}

} // namespace rawswarm
