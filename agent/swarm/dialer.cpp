// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/dialer.hpp"

#include "agent/log/log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rawswarm
{

namespace
{

// The resolver asks a silent name server for five seconds, up to three servers, twice, and all of that again
// for each domain that it searches. Its own end comes first.
constexpr std::chrono::seconds lookup_timeout{120};

// Names that are looked up at once. Each waits in a thread for the resolver's.
constexpr std::size_t max_threads = 4;

bool is_name(host_port const& h)
{
	boost::system::error_code no_address;
	boost::asio::ip::make_address(h.host, no_address);
	return bool(no_address);
}

} // namespace

dialer::dialer(
	boost::asio::io_context& ios, std::vector<host_port> const& peers, handler on_address, name_lookup look)
	: m_on_address(std::move(on_address))
	, m_look(std::move(look))
	, m_threads(std::clamp<std::size_t>(
		  static_cast<std::size_t>(std::ranges::count_if(peers, is_name)), 1, max_threads))
	, m_scope(ios, m_threads)
{
	for (auto const& p : peers)
	{
		m_peers.push_back({p});
	}
}

dialer::~dialer()
{
	m_stop.request_stop();
}

void dialer::run()
{
	for (std::size_t i = 0; i < m_peers.size(); ++i)
	{
		if (!std::exchange(m_peers[i].is_looked_up, true))
		{
			look_up(i);
		}
	}
}

void dialer::look_up(std::size_t const peer)
{
	auto const& host = m_peers[peer].name.host;
	if (!is_name(m_peers[peer].name))
	{
		m_scope.post([this, peer] { on_found(peer, lookup_host(m_peers[peer].name.host, {}, {})); });
		return;
	}
	m_scope.run_blocking(
		[host, look = m_look, stop = m_stop.get_token()] {
			return lookup_host(host, std::chrono::steady_clock::now() + lookup_timeout, look, stop);
		},
		[this, peer](result<address_list> const& found) { on_found(peer, found); });
}

void dialer::on_found(std::size_t const peer, result<address_list> const& found)
{
	auto& p = m_peers[peer];
	p.is_looked_up = false;
	auto const last = std::exchange(p.reason, found ? std::string() : found.error().text);
	auto& logger = log::get(log::component::swarm);
	if (!found)
	{
		if (p.reason != last)
		{
			logger.warn("{}; it is looked up until it is found", p.reason);
		}
		return;
	}
	if (!last.empty())
	{
		logger.info("looking up {}: found", p.name.host);
	}
	for (auto const& address : found.value())
	{
		m_on_address(p.name, {address, p.name.port});
	}
}

std::string dialer::reasons() const
{
	std::string text;
	for (auto const& p : m_peers)
	{
		if (!p.reason.empty())
		{
			text += (text.empty() ? "" : "; ") + p.reason;
		}
	}
	return text;
}

} // namespace rawswarm
