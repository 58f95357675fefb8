// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/web_seed_claims.hpp"

#include "agent/web_seed/web_seed_plugin.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

enum class verb : char
{
	fetching = 0,
	dropped = 1
};

constexpr std::size_t entry_bytes = 5;

void append(std::vector<char>& body, verb const what, std::size_t const piece)
{
	body.push_back(static_cast<char>(what));
	for (int shift = 24; shift >= 0; shift -= 8)
	{
		body.push_back(static_cast<char>((piece >> shift) & 0xff));
	}
}

std::size_t piece_of(std::span<char const> const entry)
{
	std::size_t piece = 0;
	for (char const c : entry.subspan(1, entry_bytes - 1))
	{
		piece = piece << 8 | static_cast<unsigned char>(c);
	}
	return piece;
}

} // namespace

web_seed_claims::web_seed_claims(
	std::vector<bool> have, std::uint64_t const own, bool const is_alone, network_post post)
	: m_post(std::move(post))
	, m_own(own)
	, m_room(std::move(have))
	, m_picker(m_room.size(), own)
	, m_is_alone(is_alone)
{}

std::optional<std::size_t> web_seed_claims::pick(clock::time_point const now)
{
	std::vector<char> body;
	std::optional<std::size_t> piece;
	{
		std::unique_lock<std::mutex> l(m_mutex);
		if (!m_ready || waits_for_room(now, l))
		{
			return {};
		}
		for (auto const overdue : take_overdue(now, l))
		{
			append(body, verb::dropped, overdue);
		}
		piece = m_picker.next(
			m_room, [this](std::size_t const p) { return m_mine.contains(p); }, now, m_last_progress);
		if (piece)
		{
			m_mine[*piece] = {now, {}};
			++m_picked;
			append(body, verb::fetching, *piece);
		}
	}
	tell(std::move(body));
	return piece;
}

bool web_seed_claims::waits_for_room(clock::time_point const now, std::unique_lock<std::mutex>&) const
{
	return !m_is_alone && m_room.members() == 0 && m_picked >= pieces_before_meeting
		&& now - *m_ready < meeting_time;
}

std::vector<std::size_t> web_seed_claims::take_overdue(
	clock::time_point const now, std::unique_lock<std::mutex>&)
{
	std::vector<std::size_t> overdue;
	for (auto const& [piece, f] : m_mine)
	{
		if (f.handed_over && now - *f.handed_over >= handed_over_limit)
		{
			overdue.push_back(piece);
		}
	}
	for (auto const piece : overdue)
	{
		m_mine.erase(piece);
	}
	return overdue;
}

void web_seed_claims::drop(std::size_t const piece)
{
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		if (m_mine.erase(piece) == 0)
		{
			return;
		}
	}
	std::vector<char> body;
	append(body, verb::dropped, piece);
	tell(std::move(body));
}

void web_seed_claims::handed_over(std::size_t const piece, clock::time_point const now)
{
	std::unique_lock<std::mutex> const l(m_mutex);
	if (auto const found = m_mine.find(piece); found != m_mine.end())
	{
		found->second.handed_over = now;
	}
}

std::size_t web_seed_claims::missing() const
{
	std::unique_lock<std::mutex> const l(m_mutex);
	return m_room.missing();
}

std::size_t web_seed_claims::members() const
{
	std::unique_lock<std::mutex> const l(m_mutex);
	return m_room.members();
}

void web_seed_claims::tell(std::vector<char> body)
{
	if (!body.empty())
	{
		m_post([self = shared_from_this(), body = std::move(body)] { self->send_all(body); });
	}
}

void web_seed_claims::send_all(std::span<char const> const body)
{
	// one that cannot be sent to may leave meanwhile
	auto const listeners = m_listeners;
	for (auto* const link : listeners)
	{
		if (m_listeners.contains(link))
		{
			link->send(body);
		}
	}
}

std::shared_ptr<lt::torrent_plugin> web_seed_claims::make_plugin()
{
	return make_web_seed_plugin(shared_from_this());
}

void web_seed_claims::ready()
{
	auto const now = clock::now();
	std::unique_lock<std::mutex> const l(m_mutex);
	m_ready = m_ready.value_or(now);
}

void web_seed_claims::piece_passed(std::size_t const piece)
{
	auto const now = clock::now();
	std::unique_lock<std::mutex> const l(m_mutex);
	m_room.got(piece);
	m_last_progress = now;
	if (auto const found = m_mine.find(piece); found != m_mine.end())
	{
		m_picker.took(now - found->second.picked);
		m_mine.erase(found);
	}
}

void web_seed_claims::piece_failed(std::size_t const piece)
{
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		auto const found = m_mine.find(piece);
		if (found == m_mine.end() || !found->second.handed_over)
		{
			return; // what peers sent of it was wrong; the web seed's is still to come
		}
		m_mine.erase(found);
	}
	std::vector<char> body;
	append(body, verb::dropped, piece);
	send_all(body);
}

web_seed_knowledge::peer web_seed_claims::joined()
{
	std::unique_lock<std::mutex> const l(m_mutex);
	m_room.joined(++m_last_peer);
	return m_last_peer;
}

void web_seed_claims::left(web_seed_knowledge::peer const p, web_claims_listener& link)
{
	m_listeners.erase(&link);
	std::unique_lock<std::mutex> const l(m_mutex);
	m_room.left(p);
}

void web_seed_claims::is_member(
	web_seed_knowledge::peer const p, std::uint64_t const number, web_claims_listener& link)
{
	std::vector<char> body;
	{
		std::unique_lock<std::mutex> const l(m_mutex);
		m_room.is_member(p, number);
		for (auto const& [piece, f] : m_mine)
		{
			append(body, verb::fetching, piece);
		}
	}
	m_listeners.insert(&link);
	if (!body.empty())
	{
		link.send(body);
	}
}

void web_seed_claims::heard(web_seed_knowledge::peer const p, std::span<char const> body)
{
	auto const now = clock::now();
	std::unique_lock<std::mutex> const l(m_mutex);
	for (; body.size() >= entry_bytes; body = body.subspan(entry_bytes))
	{
		auto const piece = piece_of(body);
		if (piece >= m_room.size())
		{
			continue;
		}
		if (body.front() == static_cast<char>(verb::fetching))
		{
			m_room.claimed(p, piece, now);
		}
		else if (body.front() == static_cast<char>(verb::dropped))
		{
			m_room.dropped(p, piece);
		}
	}
}

} // namespace rawswarm
