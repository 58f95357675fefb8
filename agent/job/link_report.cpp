// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/link_report.hpp"

#include "agent/log/log.hpp"
#include "agent/net/card_links.hpp"

#include <chrono>

namespace rawswarm
{

namespace
{

constexpr std::chrono::seconds interval{1};

} // namespace

link_report::link_report(boost::asio::io_context& ios)
	: m_tick(ios, interval, [this] { look(); })
{}

void link_report::add_to(target_progress& p) const
{
	bool const needs_network = p.state == job_state::downloading || p.state == job_state::seeding;
	// what arrives although there is no link comes from this machine itself
	bool const is_served = p.down > 0 || p.up > 0;
	if (!m_link.text().empty() && needs_network && !(m_link.is_gone() && is_served))
	{
		p.note = m_link.text();
	}
}

void link_report::look()
{
	auto& logger = log::get(log::component::agent);
	switch (m_link.update(why_no_link(card_links()), link_watch::clock::now()))
	{
	case link_watch::verdict::nothing_new: break;
	case link_watch::verdict::is_gone: logger.warn("{}", m_link.text()); break;
	case link_watch::verdict::is_back: logger.info("{}", m_link.text()); break;
	}
}

} // namespace rawswarm
