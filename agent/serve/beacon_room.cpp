// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/beacon_room.hpp"

#include "agent/log/log.hpp"
#include "agent/watch/watch.hpp"

#include <utility>

namespace rawswarm
{

beacon_room::beacon_room(boost::asio::io_context& ios, room_book& book)
	: m_book(book)
	, m_socket(ios)
	, m_desk(book.room().beacon_key, beacon_time::now,
		  fleet_settings{
			  .is_expected = [&book](std::string_view const agent) { return book.is_known(agent); }})
{
	m_facts.orders = 0;
}

result<void> beacon_room::listen(endpoint const& where)
{
	return m_socket.listen(where, watch_options().groups, false);
}

void beacon_room::start()
{
	m_socket.start([this](boost::asio::ip::udp::endpoint const& from,
					   std::string_view const datagram) { return take(from, datagram); },
		[] {});
}

void beacon_room::on_room_change()
{
	m_desk.set_key(m_book.room().beacon_key);
}

bool beacon_room::take(boost::asio::ip::udp::endpoint const& from, std::string_view const datagram)
{
	auto const now = fleet_clock::now();
	auto const taken = m_desk.take(format_endpoint(from), datagram, now);
	if (taken.answer.accepted)
	{
		m_history.heard(*taken.answer.agent, now);
		tell_book(*taken.answer.agent, from.address().to_string());
	}
	if (!taken.question.empty())
	{
		m_socket.send(from, taken.question);
	}
	return taken.was_parsed;
}

// Only the end of a run counts: before it, files and identifiers may still be missing on the disk.
void beacon_room::tell_book(fleet_agent const& agent, std::string const& ip)
{
	auto const& said = agent.last;
	if (!is_final(said.p.state))
	{
		return;
	}
	room_outcome outcome;
	if (said.p.state == job_state::failed)
	{
		auto const error = error_of(said.p).value_or(progress_error{.code = 1, .text = "failed"});
		outcome = {.code = error.code == 0 ? 1 : error.code, .error = error.text};
	}
	auto const meant =
		m_book.beacon(said.id.agent, said.id.job, ip, m_book.room().beacon_key.has_value(), outcome);
	auto& logger = log::get(log::component::beacon);
	if (!meant)
	{
		logger.error("{}", meant.error().text);
	}
	else if (!meant.value().empty())
	{
		logger.info("{}", meant.value());
	}
}

void beacon_room::tick()
{
	(void)m_desk.machines().find_silent(fleet_clock::now());
	m_facts.counts = m_desk.counts();
	m_facts.totals = m_desk.machines().totals();
	m_history.tick();
}

heard_state beacon_room::heard(std::string_view const mac) const
{
	auto const* const agent = m_desk.machines().find(mac);
	if (agent == nullptr)
	{
		return {};
	}
	auto const& p = agent->last.p;
	return {.state = shown_state(*agent), .percent = percent_of(p.state, total_of(p.targets)).value_or(0)};
}

} // namespace rawswarm
