// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/dialer.hpp"

#include "agent/log/log.hpp"

#include <chrono>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::chrono::seconds lookup_timeout{5};

} // namespace

dialer::dialer(
	boost::asio::io_context& ios, std::vector<host_port> peers, handler on_address, name_lookup look)
	: m_peers(std::move(peers))
	, m_on_address(std::move(on_address))
	, m_look(std::move(look))
	, m_scope(ios, m_thread)
{}

dialer::~dialer()
{
	m_stopping = true; // a round that has begun ends after the look-up under way
}

void dialer::run()
{
	if (m_peers.empty() || std::exchange(m_running, true))
	{
		return;
	}
	m_scope.run_blocking(
		[this, post = m_scope.make_poster()] { look_up_all(post); }, [this] { m_running = false; });
}

void dialer::look_up_all(blocking_scope::poster const& post)
{
	for (auto const& [host, port] : m_peers)
	{
		if (m_stopping)
		{
			return;
		}
		auto const found = lookup_host(host, std::chrono::steady_clock::now() + lookup_timeout, m_look);
		if (!found)
		{
			log::get(log::component::swarm).warn("{}", found.error().text);
			continue;
		}
		for (auto const& address : found.value())
		{
			post([this, e = boost::asio::ip::tcp::endpoint(address, port)] { m_on_address(e); });
		}
	}
}

} // namespace rawswarm
