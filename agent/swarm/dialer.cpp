// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/dialer.hpp"

#include "agent/log/log.hpp"

#include <boost/asio/post.hpp>

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
	: m_ios(ios)
	, m_peers(std::move(peers))
	, m_on_address(std::move(on_address))
	, m_look(std::move(look))
{}

dialer::~dialer()
{
	m_stopping = true; // m_thread.stop() does not interrupt a round that has begun
	m_thread.stop();
	m_thread.join();
}

void dialer::run()
{
	if (m_peers.empty() || m_running.exchange(true))
	{
		return;
	}
	boost::asio::post(m_thread, [this] {
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
				boost::asio::ip::tcp::endpoint const e(address, port);
				boost::asio::post(m_ios, m_lifetime.guard([this, e] { m_on_address(e); }));
			}
		}
		m_running = false;
	});
}

} // namespace rawswarm
