// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/rate_series.hpp"

namespace rawswarm
{

namespace
{

rate_sample mean(double down, double up, int of)
{
	return {static_cast<float>(down / of), static_cast<float>(up / of)};
}

} // namespace

rate_series::rate_series(std::chrono::milliseconds const interval, std::size_t const max_samples)
	: m_interval(interval)
	, m_max(max_samples)
{}

void rate_series::add(double const down, double const up)
{
	if (m_samples.size() == m_max)
	{
		for (std::size_t i = 0; i < m_max / 2; ++i)
		{
			auto const& a = m_samples[2 * i];
			auto const& b = m_samples[2 * i + 1];
			m_samples[i] = {(a.down + b.down) / 2, (a.up + b.up) / 2};
		}
		m_samples.resize(m_max / 2);
		m_per_sample *= 2;
	}
	++m_added;
	m_down += down;
	m_up += up;
	if (++m_gathered == m_per_sample)
	{
		m_samples.push_back(mean(m_down, m_up, m_gathered));
		m_gathered = 0;
		m_down = 0;
		m_up = 0;
	}
}

std::vector<rate_sample> rate_series::samples() const
{
	auto all = m_samples;
	if (m_gathered > 0)
	{
		all.push_back(mean(m_down, m_up, m_gathered));
	}
	return all;
}

} // namespace rawswarm
