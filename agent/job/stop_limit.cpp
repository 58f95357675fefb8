// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/stop_limit.hpp"

#include "agent/log/log.hpp"

#include <chrono>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::chrono::milliseconds interval{250};

} // namespace

stop_limit::stop_limit(
	boost::asio::io_context& ios, job_targets const& targets, std::function<void()> on_over)
	: m_targets(targets)
	, m_on_over(std::move(on_over))
	, m_tick(ios, interval, [this] { check(); })
{}

void stop_limit::begin()
{
	m_watch.begin(stop_watch::clock::now());
	m_tick.start();
}

void stop_limit::check()
{
	auto const now = stop_watch::clock::now();
	if (!m_watch.is_to_end(m_targets.made_safe(), now))
	{
		return;
	}
	auto& logger = log::get(log::component::agent);
	for (auto const& t : m_targets)
	{
		if (auto const request = t->pending())
		{
			logger.error("stopping: {}: no answer, what is in memory is lost", *request);
		}
	}
	logger.error("stopping: given up after {} seconds", m_watch.so_far(now).count());
	m_on_over();
}

} // namespace rawswarm
