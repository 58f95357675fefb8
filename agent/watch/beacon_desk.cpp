// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/beacon_desk.hpp"

#include "agent/log/log.hpp"

namespace rawswarm
{

beacon_desk::beacon_desk(std::optional<std::string> key, fleet_settings const& settings)
	: m_intake(std::move(key))
	, m_fleet(settings)
{}

taken_beacon beacon_desk::take(
	std::string_view const from, std::string_view const datagram, fleet_clock::time_point const at)
{
	if (!m_intake.may_be_shown(from, datagram))
	{
		return {};
	}
	auto beacon = m_intake.decode(from, datagram);
	if (!beacon)
	{
		return {.was_parsed = true, .is_beacon = false, .answer = {}};
	}
	taken_beacon const taken{
		.was_parsed = true, .is_beacon = true, .answer = m_fleet.apply(std::move(*beacon), at)};
	tell(taken.answer);
	return taken;
}

void beacon_desk::tell(fleet_answer const& answer)
{
	auto& logger = log::get(log::component::beacon);
	if (answer.rival_of != nullptr && !std::exchange(m_said_rival, true))
	{
		logger.warn("two runs of {} are heard at once, as if an older one were repeated; the first is shown",
			answer.rival_of->last.id.host);
	}
	if (answer.accepted)
	{
		m_intake.count_accepted();
		return;
	}
	m_intake.count_outdated();
	if (m_fleet.is_full() && !std::exchange(m_said_full, true))
	{
		logger.warn("more than {} agents; further ones are not shown", m_fleet.size());
	}
}

} // namespace rawswarm
