// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/line_display.hpp"

#include "agent/log/log.hpp"
#include "agent/watch/fleet_text.hpp"

#include <cerrno>

namespace rawswarm
{

result<void> print_line(std::FILE* const out, std::string const& line)
{
	if (std::fputs((line + "\n").c_str(), out) < 0 || std::fflush(out) != 0)
	{
		return fail(fault::internal, system_error(errno), "printing beacons");
	}
	return success();
}

line_display::line_display(watched_room const& room, std::FILE* const out)
	: m_room(room)
	, m_out(out)
{}

result<void> line_display::show_beacon(beacon_arrival const& b)
{
	if (b.answer.news == fleet_news::none)
	{
		return success();
	}
	return print_line(m_out, fleet_line(m_room.clock.text(), b.answer.news, *b.answer.agent));
}

result<void> line_display::show_silent(fleet_agent const& agent)
{
	return print_line(m_out, fleet_line(m_room.clock.text(), fleet_news::silent, agent));
}

result<void> line_display::finish()
{
	for (auto const& line : closing_lines(m_room))
	{
		BOOST_OUTCOME_TRYV(print_line(m_out, line));
	}
	return success();
}

json_display::json_display(watched_room const& room, std::FILE* const out)
	: m_room(room)
	, m_out(out)
{}

result<void> json_display::show_beacon(beacon_arrival const& b)
{
	return print_line(m_out, beacon_json_line(b.from, b.datagram));
}

result<void> json_display::show_silent(fleet_agent const& agent)
{
	log::get(log::component::beacon).warn("{}", fleet_line(m_room.clock.text(), fleet_news::silent, agent));
	return success();
}

result<void> json_display::finish()
{
	for (auto const& line : closing_lines(m_room))
	{
		log::get(log::component::beacon).info("{}", line);
	}
	return success();
}

std::vector<std::string> closing_lines(watched_room const& room)
{
	std::vector<std::string> lines;
	for (auto const* agent : room.hosts.in_trouble())
	{
		auto const news = agent->silent ? fleet_news::silent : fleet_news::changed;
		lines.push_back(fleet_line(agent->silent ? "silent  " : "failed  ", news, *agent));
	}
	auto const s = room.hosts.summary();
	lines.push_back(
		fmt::format("{} done, {} failed, {} silent, {} still at work{}", s.done, s.failed, s.silent,
			s.working + s.seeding, room.expected > 0 ? fmt::format(", {} expected", room.expected) : ""));
	return lines;
}

} // namespace rawswarm
