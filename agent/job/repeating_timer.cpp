// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/repeating_timer.hpp"

#include <utility>

namespace rawswarm
{

repeating_timer::repeating_timer(
	boost::asio::io_context& ios, std::chrono::milliseconds const interval, std::function<void()> on_tick)
	: m_timer(ios)
	, m_interval(interval)
	, m_on_tick(std::move(on_tick))
{}

void repeating_timer::start()
{
	m_is_running = true;
	wait();
}

void repeating_timer::stop()
{
	m_is_running = false;
	m_timer.cancel();
}

void repeating_timer::wait()
{
	m_timer.expires_after(m_interval);
	m_timer.async_wait([this](boost::system::error_code const& ec) {
		// a wait that had expired before it was cancelled comes without an error
		if (ec || !m_is_running)
		{
			return;
		}
		m_on_tick();
		if (m_is_running)
		{
			wait();
		}
	});
}

} // namespace rawswarm
