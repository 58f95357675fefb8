// SPDX-License-Identifier: BSD-3-Clause
#include "agent/tracker/tracked_torrent.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// An address that nobody else can dial: of this machine alone.
bool can_reach(boost::asio::ip::address const& from, boost::asio::ip::address const& to)
{
	return !to.is_loopback() || from.is_loopback();
}

} // namespace

bool tracked_torrent::put(tracked_client client, tracker_options const& options, clock::time_point const now)
{
	expire(now);
	if (auto const of = m_clients.find(client.address); of != m_clients.end())
	{
		auto const port_of = [](entry const& e) { return e.client.port; };
		auto const it = std::ranges::find(of->second, client.port, port_of);
		if (it != of->second.end())
		{
			bool const lacked = !it->client.is_complete;
			auto const gap = std::min<clock::duration>(now - it->seen, options.longest_interval);
			m_complete += (client.is_complete ? 1 : 0);
			m_complete -= (lacked ? 0 : 1);
			*it = {std::move(client), now, std::max<clock::duration>(gap, options.interval)};
			return lacked;
		}
	}
	if (make_room(client.address, options))
	{
		++m_size;
		m_complete += (client.is_complete ? 1 : 0);
		auto const at = client.address;
		m_clients[at].push_back({std::move(client), now, options.longest_interval});
	}
	return false;
}

// Whether there is a place for one more client of that address.
bool tracked_torrent::make_room(address const& newcomer, tracker_options const& options)
{
	auto const own = m_clients.find(newcomer);
	auto const count = own == m_clients.end() ? 0 : own->second.size();
	if (count >= options.clients_of_an_address)
	{
		drop_oldest(own);
		return true;
	}
	if (m_size < options.clients)
	{
		return true;
	}
	auto const most = std::ranges::max_element(
		m_clients, {}, [](auto const& address_and_clients) { return address_and_clients.second.size(); });
	if (most == m_clients.end() || most->second.size() <= count + 1)
	{
		return false;
	}
	drop_oldest(most);
	return true;
}

void tracked_torrent::drop_oldest(clients_of_addresses::iterator const of)
{
	auto const oldest = std::ranges::min_element(of->second, {}, &entry::seen);
	drop_if(of, [port = oldest->client.port](entry const& e) { return e.client.port == port; });
}

// Returns the next address.
template <class Which>
tracked_torrent::clients_of_addresses::iterator tracked_torrent::drop_if(
	clients_of_addresses::iterator const of, Which which)
{
	std::erase_if(of->second, [&](entry const& e) {
		bool const goes = which(e);
		m_size -= goes ? 1 : 0;
		m_complete -= goes && e.client.is_complete ? 1 : 0;
		return goes;
	});
	return of->second.empty() ? m_clients.erase(of) : std::next(of);
}

void tracked_torrent::remove(address const& a, std::uint16_t const port)
{
	if (auto const of = m_clients.find(a); of != m_clients.end())
	{
		drop_if(of, [port](entry const& e) { return e.client.port == port; });
	}
}

void tracked_torrent::expire(clock::time_point const now)
{
	if (now - m_expired < std::chrono::seconds(1))
	{
		return;
	}
	m_expired = now;
	for (auto of = m_clients.begin(); of != m_clients.end();)
	{
		of = drop_if(of, [now](entry const& e) { return now - e.seen > 2 * e.rhythm; });
	}
}

// The addresses that one at `from` can reach, beginning with the one whose turn it is.
std::vector<tracked_torrent::clients_of_addresses::const_iterator> tracked_torrent::in_turn(
	address const& from) const
{
	std::vector<clients_of_addresses::const_iterator> addresses;
	auto of = m_clients.lower_bound(m_next);
	for (std::size_t i = 0; i < m_clients.size(); ++i)
	{
		of = of == m_clients.end() ? m_clients.begin() : of;
		if (can_reach(from, of->first))
		{
			addresses.push_back(of);
		}
		++of;
	}
	return addresses;
}

std::vector<tracked_client const*> tracked_torrent::choose(asker const& who, std::size_t const most)
{
	std::vector<tracked_client const*> lacking;
	std::vector<tracked_client const*> having;
	auto const is_enough = [&] {
		return lacking.size() >= most && (!who.lacks || having.size() >= most / 2);
	};
	auto addresses = in_turn(who.from);
	if (!addresses.empty())
	{
		// each kind is told from here to there at least
		m_next = addresses[std::max<std::size_t>(most / 2, 1) % addresses.size()]->first;
	}
	for (std::size_t round = 0; !addresses.empty() && !is_enough(); ++round)
	{
		for (std::size_t i = 0; i < addresses.size() && !is_enough(); ++i)
		{
			auto const& of = addresses[i]->second;
			auto const& c = of[(m_turn + round) % of.size()].client;
			bool const is_itself = c.address == who.from && c.port == who.port;
			if (!is_itself && (c.lacks || who.lacks))
			{
				(c.lacks ? lacking : having).push_back(&c);
			}
		}
		std::erase_if(addresses, [round](auto const& of) { return of->second.size() <= round + 1; });
	}
	m_turn += most;
	auto const having_told =
		std::min(having.size(), std::max(most / 2, most - std::min(most, lacking.size())));
	having.resize(having_told);
	lacking.resize(std::min(lacking.size(), most - having_told));
	having.insert(having.end(), lacking.begin(), lacking.end());
	return having;
}

} // namespace rawswarm
