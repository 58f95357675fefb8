// SPDX-License-Identifier: BSD-3-Clause
#include "agent/progress/limit_watch.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

constexpr std::size_t most_windows = 512;

// Fewer say nothing about what is usual: the first is the start, with its few blocks.
constexpr std::size_t least_windows = 4;

} // namespace

void limit_watch::update(download_sample const& s, clock::time_point const now)
{
	if (m_last)
	{
		seconds const passed = now - m_last_time;
		auto const bytes = static_cast<double>(s.wire_bytes - m_last->wire_bytes);
		m_elapsed += passed;
		m_bytes += bytes;
		m_stopped += s.stopped - m_last->stopped;
		m_full += s.is_web_seeded && s.is_pool_full ? passed : seconds(0);
		m_program += s.program - m_last->program;
		m_network_thread += s.network_thread - m_last->network_thread;
		m_peer_seconds += s.peers * passed.count();
		m_useful_seconds += s.useful_peers * passed.count();
		if (s.peers == 0 && bytes <= 0)
		{
			m_alone += passed;
		}
		else if (s.asked_peers == 0 && !s.is_web_seeded && !s.is_pool_full)
		{
			m_idle += passed;
		}
		add_to_window(bytes, passed);
	}
	m_last = s;
	m_last_time = now;
}

void limit_watch::add_to_window(double const bytes, seconds const passed)
{
	m_in_window += passed;
	m_bytes_in_window += bytes;
	if (m_in_window < m_window)
	{
		return;
	}
	m_rates.push_back(m_bytes_in_window / m_in_window.count());
	m_in_window = seconds(0);
	m_bytes_in_window = 0;
	if (m_rates.size() == most_windows)
	{
		for (std::size_t i = 0; i < most_windows / 2; ++i)
		{
			m_rates[i] = (m_rates[2 * i] + m_rates[2 * i + 1]) / 2;
		}
		m_rates.resize(most_windows / 2);
		m_window *= 2;
	}
}

download_figures limit_watch::figures() const
{
	download_figures f;
	f.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(m_elapsed);
	if (m_elapsed.count() <= 0)
	{
		return f;
	}
	f.rate = m_bytes / m_elapsed.count();
	if (m_rates.size() >= least_windows)
	{
		auto sorted = m_rates;
		auto const best = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 9 / 10);
		std::ranges::nth_element(sorted, best);
		f.best_rate = *best;
	}
	f.waiting_for_disk = std::min(1.0, std::max(m_stopped, m_full) / m_elapsed);
	f.alone = m_alone / m_elapsed;
	f.idle = m_idle / m_elapsed;
	f.program = m_program / m_elapsed;
	f.network_thread = m_network_thread / m_elapsed;
	f.peers = m_peer_seconds / m_elapsed.count();
	f.useful_peers = m_useful_seconds / m_elapsed.count();
	return f;
}

} // namespace rawswarm
