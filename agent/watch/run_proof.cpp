// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/run_proof.hpp"

#include "agent/beacon/beacon_question.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::chrono::seconds time_to_answer{5}; // five beacons at the default interval
constexpr std::chrono::minutes time_to_wait{1}; // then another run is looked at

} // namespace

run_proof::run_proof(std::string key)
	: m_key(std::move(key))
{}

void run_proof::renew(time_point const now)
{
	if (m_token.empty() || now - m_drawn >= token_age)
	{
		bool const is_recent = now - m_drawn < 2 * token_age;
		m_before = is_recent ? std::move(m_token) : std::string();
		m_token = make_token();
		m_drawn = now;
	}
}

bool run_proof::is_given_by(received_beacon const& beacon, time_point const now)
{
	renew(now);
	bool const is_given = std::ranges::any_of(
		beacon.answers, [this](std::string const& token) { return token == m_token || token == m_before; });
	if (is_given && m_waiting && m_waiting->run == beacon.id.run)
	{
		m_waiting.reset();
	}
	return is_given;
}

std::string run_proof::question(time_point const now)
{
	renew(now);
	return m_token.empty() ? std::string() : encode_question(m_token, m_key);
}

bool run_proof::is_unanswered(beacon_identity const& id, time_point const now)
{
	if (!m_waiting || now - m_waiting->since >= time_to_wait)
	{
		m_waiting = {id.run, now};
	}
	bool const is_late = m_waiting->run == id.run && now - m_waiting->since >= time_to_answer;
	return is_late && !std::exchange(m_said, true);
}

} // namespace rawswarm
