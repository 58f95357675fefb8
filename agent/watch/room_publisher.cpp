// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/room_publisher.hpp"

#include "agent/log/log.hpp"
#include "agent/watch/metrics_file.hpp"
#include "agent/watch/metrics_text.hpp"
#include "agent/watch/room_page.hpp"

#include <array>
#include <utility>

#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::chrono::seconds interval{1}; // rate_series counts on it

// An address that a browser takes: one that stands for all becomes the host name.
std::string url_of(boost::asio::ip::tcp::endpoint const& at)
{
	std::array<char, 256> name{};
	bool const is_named = at.address().is_unspecified() && ::gethostname(name.data(), name.size() - 1) == 0;
	return fmt::format("http://{}/", is_named ? join_host_port(name.data(), at.port()) : format_endpoint(at));
}

} // namespace

struct room_publisher::impl
{
	void advance(fleet_clock::time_point now, bool write_file);

	publisher_options options;
	room_history history;
	room_facts facts;
	std::optional<room_page> page;
	std::optional<metrics_file> file;
	fleet_clock::time_point next{};
};

room_publisher::room_publisher(boost::asio::io_context& ios, publisher_options options, int const expect)
{
	if (!options.http && options.metrics.empty())
	{
		return;
	}
	m_impl = std::make_unique<impl>();
	m_impl->facts.expect = expect;
	if (options.http)
	{
		m_impl->page.emplace(ios, m_impl->history, m_impl->facts, options.names);
	}
	if (!options.metrics.empty())
	{
		m_impl->file.emplace(options.metrics);
	}
	m_impl->options = std::move(options);
}

room_publisher::~room_publisher() = default;

result<void> room_publisher::open()
{
	if (m_impl && m_impl->file)
	{
		BOOST_OUTCOME_TRYV(m_impl->file->check());
	}
	if (m_impl && m_impl->page)
	{
		BOOST_OUTCOME_TRYV(m_impl->page->listen(*m_impl->options.http));
		log::get(log::component::beacon).info("the room is shown at {}", url_of(m_impl->page->bound()));
	}
	return success();
}

void room_publisher::heard(fleet_agent const& agent, fleet_clock::time_point const now)
{
	if (m_impl)
	{
		m_impl->history.heard(agent, now);
	}
}

void room_publisher::tick(
	watch_counts const& counts, fleet const& machines, fleet_clock::time_point const now)
{
	if (m_impl && now >= m_impl->next)
	{
		// A second that was missed is not made up for.
		m_impl->next = now - m_impl->next < interval ? m_impl->next + interval : now + interval;
		m_impl->facts.counts = counts;
		m_impl->facts.totals = machines.totals();
		m_impl->advance(now, m_impl->file && m_impl->file->is_due(now));
	}
}

void room_publisher::finish(
	watch_counts const& counts, fleet const& machines, fleet_clock::time_point const now)
{
	if (m_impl)
	{
		m_impl->facts.counts = counts;
		m_impl->facts.totals = machines.totals();
		m_impl->advance(now, m_impl->file.has_value());
	}
}

void room_publisher::impl::advance(fleet_clock::time_point const now, bool const write_file)
{
	history.tick();
	if (page)
	{
		page->update();
	}
	if (write_file)
	{
		file->write(metrics_text(history, facts, {now, std::chrono::system_clock::now()}), now);
	}
}

} // namespace rawswarm
