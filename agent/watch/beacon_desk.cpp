// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/beacon_desk.hpp"

#include "agent/log/log.hpp"
#include "base/clean_text.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

std::optional<run_proof> proof_for(std::optional<std::string> const& key, beacon_time const time)
{
	return key && time == beacon_time::now ? std::optional<run_proof>(*key) : std::nullopt;
}

} // namespace

beacon_desk::beacon_desk(
	std::optional<std::string> key, beacon_time const time, fleet_settings const& settings)
	: m_time(time)
	, m_proof(proof_for(key, time))
	, m_intake(std::move(key))
	, m_fleet(settings)
{}

void beacon_desk::set_key(std::optional<std::string> key)
{
	if (key != m_intake.key())
	{
		m_proof = proof_for(key, m_time);
		m_intake.set_key(std::move(key));
	}
}

taken_beacon beacon_desk::take(
	std::string_view const from, std::string_view const datagram, fleet_clock::time_point const at)
{
	taken_beacon taken;
	if (!m_intake.may_be_shown(from, datagram))
	{
		return taken;
	}
	taken.was_parsed = true;
	auto beacon = m_intake.decode(from, datagram);
	if (!beacon)
	{
		return taken;
	}
	if (!is_of_now(*beacon, at))
	{
		taken.question = ask(from, *beacon, at);
		return taken;
	}
	if (!m_proof)
	{
		beacon->answers.clear(); // which nobody has asked for
	}
	taken.is_beacon = true;
	taken.answer = m_fleet.apply(std::move(*beacon), at);
	tell(taken.answer);
	return taken;
}

bool beacon_desk::is_of_now(received_beacon const& beacon, fleet_clock::time_point const at)
{
	return !m_proof || m_proof->is_given_by(beacon, at) || m_fleet.has_proved(beacon.id);
}

std::string beacon_desk::ask(
	std::string_view const from, received_beacon const& beacon, fleet_clock::time_point const at)
{
	m_intake.count_unproven();
	if (m_proof->is_unanswered(beacon.id, at))
	{
		log::get(log::component::beacon)
			.warn("signed beacons of {} from {} do not answer this watcher's question, and are not shown: "
				  "they are repeated, or of an earlier version, or a firewall keeps the question away",
				clean_text(beacon.id.host), from);
	}
	return m_proof->question(at);
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
