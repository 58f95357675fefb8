// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/watch_clock.hpp"

#include <algorithm>
#include <ctime>

namespace rawswarm
{

using namespace std::chrono;

watch_clock watch_clock::replaying(double const speed, std::int64_t const began_ms)
{
	watch_clock c;
	c.m_speed = speed;
	c.m_began_ms = began_ms;
	return c;
}

fleet_clock::time_point watch_clock::now() const
{
	auto const real = fleet_clock::now();
	if (!m_speed)
	{
		return real;
	}
	auto const passed = duration<double, std::nano>(real - m_began) * *m_speed;
	auto const time = std::max(m_began + duration_cast<nanoseconds>(passed), at(m_reached));
	return m_held_at ? std::min(time, at(*m_held_at)) : time;
}

fleet_clock::time_point watch_clock::at(milliseconds const elapsed) const
{
	return m_began + elapsed;
}

nanoseconds watch_clock::until(milliseconds const elapsed) const
{
	auto const real = duration_cast<nanoseconds>(duration<double, std::milli>(elapsed) / m_speed.value_or(1));
	return m_began + real - fleet_clock::now();
}

void watch_clock::advance_to(milliseconds const elapsed)
{
	m_reached = std::max(m_reached, elapsed);
}

void watch_clock::hold_at(milliseconds const elapsed)
{
	m_held_at = std::max(m_reached, elapsed);
}

std::string watch_clock::text() const
{
	auto const passed = duration_cast<milliseconds>(now() - m_began).count();
	auto const seconds = m_speed ? std::time_t((m_began_ms + passed) / 1000) : std::time(nullptr);
	std::tm local{};
	::localtime_r(&seconds, &local);
	return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

} // namespace rawswarm
