// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/room.hpp"

#include "agent/bittorrent/libtorrent_internals.hpp"
#include "agent/swarm/room_member.hpp"

#include <libtorrent/torrent_info.hpp>

#include <cstddef>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

// Not 0.
std::int64_t random_number()
{
	std::random_device source;
	std::uniform_int_distribution<std::int64_t> numbers(1, std::numeric_limits<std::int64_t>::max());
	return numbers(source);
}

} // namespace

room::room(lt::torrent_handle torrent, room_options options)
	: m_torrent(std::move(torrent))
	, m_options(std::move(options))
	, m_number(random_number())
{
	if (m_options.is_source)
	{
		auto const info = m_torrent.torrent_file();
		m_seed.emplace(info->num_pieces(), info->blocks_per_piece());
	}
}

std::shared_ptr<lt::peer_plugin> room::new_connection(lt::peer_connection_handle const& c)
{
	forget_failures(c);
	auto const number = ++m_connections;
	auto member = std::make_shared<room_member>(shared_from_this(), c, number);
	m_members[number] = member;
	return member;
}

void room::tick()
{
	update_seed([](super_seed&) {}); // a peer may have got stuck, which only time tells
	count_needy_peers();
	m_introduced.tick();
	dial_introduced();
}

void room::introduced(std::vector<lt::tcp::endpoint> const& addresses)
{
	for (auto const& a : addresses)
	{
		if (!is_own_address(a))
		{
			m_introduced.add(a);
		}
	}
	dial_introduced();
}

void room::dial_introduced()
{
	std::size_t unanswered = 0;
	for (auto const& [number, weak] : m_members)
	{
		auto const m = weak.lock();
		unanswered += m && m->is_unanswered() ? 1U : 0U;
	}
	if (auto const addresses = m_introduced.take(unanswered); !addresses.empty())
	{
		dial_now(m_torrent, addresses, address_source::hearsay);
	}
}

void room::count_needy_peers()
{
	int needy = 0;
	for (auto const& [number, weak] : m_members)
	{
		auto const m = weak.lock();
		needy += m && m->is_needy() ? 1 : 0;
	}
	if (std::exchange(m_needy_peers, needy) != needy && m_options.on_needy_peers)
	{
		m_options.on_needy_peers(needy);
	}
}

std::shared_ptr<room_member> room::member(std::uint64_t const number) const
{
	auto const it = m_members.find(number);
	return it == m_members.end() ? nullptr : it->second.lock();
}

std::shared_ptr<room_member> room::dialled(lt::tcp::endpoint const& e) const
{
	for (auto const& [number, weak] : m_members)
	{
		auto m = weak.lock();
		if (m && m->has_dialled(e))
		{
			return m;
		}
	}
	return nullptr;
}

std::shared_ptr<room_member> room::find_other(room_member const& m) const
{
	for (auto const& [number, weak] : m_members)
	{
		auto other = weak.lock();
		if (other && other.get() != &m && m.agent() != 0 && other->agent() == m.agent()
			&& !other->is_disconnecting())
		{
			return other;
		}
	}
	return nullptr;
}

void room::left(std::uint64_t const number)
{
	m_members.erase(number);
	count_needy_peers();
	update_seed([&](super_seed& s) { s.leave(number); });
}

void room::contact(lt::tcp::endpoint const& peer, peer_contact const what, lt::error_code const& why) const
{
	if (m_options.on_contact)
	{
		m_options.on_contact(peer, what, why);
	}
}

void room::welcome(std::uint64_t const newcomer)
{
	std::vector<lt::tcp::endpoint> others;
	if (!m_options.introduces)
	{
		return;
	}
	auto const agent = member(newcomer)->agent();
	for (auto const& [number, weak] : m_members)
	{
		auto const m = weak.lock();
		if (m && number != newcomer && m->listens_at() && (m->agent() == 0 || m->agent() != agent))
		{
			others.push_back(*m->listens_at());
		}
	}
	if (!others.empty())
	{
		member(newcomer)->send_addresses(others);
	}
}

void room::update_seed(std::function<void(super_seed&)> const& f)
{
	if (m_seed)
	{
		f(*m_seed);
		reveal();
	}
}

void room::sent_block(std::uint64_t const number, int const piece)
{
	if (m_seed && m_seed->sent_block(number, piece, super_seed::clock::now()))
	{
		reveal();
	}
}

void room::reveal()
{
	for (auto const& r : m_seed->next(super_seed::clock::now()))
	{
		if (auto const m = member(r.to))
		{
			m->reveal(r.piece);
		}
	}
	bool const is_distributed = m_seed->is_fully_distributed();
	if (is_distributed && !m_was_distributed && m_options.on_fully_distributed)
	{
		m_options.on_fully_distributed();
	}
	m_was_distributed = is_distributed;
}

} // namespace rawswarm
