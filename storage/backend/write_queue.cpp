// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/write_queue.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace rawswarm
{

void write_queue::add(piece_place const& place, steady_time const now)
{
	lock const l(m_mutex);
	if (m_waiting.try_emplace(of(place), waiting{place, now, {}}).second)
	{
		m_by_age.emplace_back(now, of(place));
	}
}

void write_queue::set_ready(piece_place const& place, flush_reason const reason)
{
	lock const l(m_mutex);
	auto const it = m_waiting.find(of(place));
	if (it == m_waiting.end() || (it->second.ready && it->second.ready != flush_reason::age))
	{
		return;
	}
	it->second.ready = reason;
	m_old.erase(it->first);
	(reason == flush_reason::age ? m_old : m_ready).insert(it->first);
}

// Drops what is no longer waiting, or is waiting anew, from the front of the list.
void write_queue::forget_gone(lock&)
{
	while (!m_by_age.empty())
	{
		auto const& [since, at] = m_by_age.front();
		auto const it = m_waiting.find(at);
		if (it != m_waiting.end() && it->second.since == since && !it->second.ready)
		{
			return;
		}
		m_by_age.pop_front();
	}
}

std::vector<write_queue::old_piece> write_queue::older_than(steady_time const time)
{
	std::vector<old_piece> ret;
	lock l(m_mutex);
	for (forget_gone(l); !m_by_age.empty() && m_by_age.front().first <= time; forget_gone(l))
	{
		auto const& w = m_waiting.at(m_by_age.front().second);
		ret.push_back({w.place, w.postponed});
		m_by_age.pop_front();
	}
	return ret;
}

void write_queue::postpone(piece_place const& place, steady_time const now)
{
	lock const l(m_mutex);
	auto const it = m_waiting.find(of(place));
	if (it != m_waiting.end() && !it->second.ready)
	{
		it->second.since = now;
		++it->second.postponed;
		m_by_age.emplace_back(now, it->first);
	}
}

std::optional<steady_time> write_queue::oldest() const
{
	lock const l(m_mutex);
	return m_by_age.empty() ? std::nullopt : std::optional(m_by_age.front().first);
}

bool write_queue::start_writer(int const writers, bool const memory_short)
{
	lock const l(m_mutex);
	if (m_writers >= writers || (m_ready.empty() && m_old.empty() && !(memory_short && !m_waiting.empty())))
	{
		return false;
	}
	++m_writers;
	return true;
}

std::optional<write_chain> write_queue::take(bool const memory_short)
{
	lock l(m_mutex);
	auto chain = take_next(memory_short, l);
	m_writers -= !chain;
	return chain;
}

std::optional<write_chain> write_queue::take_any()
{
	lock l(m_mutex);
	return take_next(true, l);
}

write_queue::position write_queue::next_ready(lock&) const
{
	auto const& pieces = m_ready.empty() ? m_old : m_ready;
	auto const next = pieces.lower_bound(m_head);
	return next != pieces.end() ? *next : *pieces.begin();
}

// How many sides of the chain something may still come to. The start of the device, and a gap that no extent
// covers, count as such a side: what is not known can only cost a seek.
int write_queue::open_ends(device_offset const begin, device_offset const end, lock&) const
{
	auto const behind = m_written.lower_bound(begin);
	bool const left = behind == m_written.begin() || std::prev(behind)->second != begin;
	bool const right = !m_written.contains(end);
	return int(left) + int(right);
}

void write_queue::add_written(device_offset begin, device_offset end, lock&)
{
	auto next = m_written.lower_bound(begin);
	if (next != m_written.begin() && std::prev(next)->second >= begin)
	{
		--next;
		begin = next->first;
		end = std::max(end, next->second);
		next = m_written.erase(next);
	}
	while (next != m_written.end() && next->first <= end)
	{
		end = std::max(end, next->second);
		next = m_written.erase(next);
	}
	m_written.emplace(begin, end);
}

// The chain that is least likely to grow, of those the longest, of those the next in the sweep.
write_queue::position write_queue::finished_ready(lock& l) const
{
	using rank = std::tuple<int, int, bool>; // lower is better
	std::optional<std::pair<rank, position>> best;
	for (auto it = m_ready.begin(); it != m_ready.end();)
	{
		auto const first = *it;
		auto const begin = m_waiting.at(first).place.begin;
		auto end = begin;
		int blocks = 0;
		for (; it != m_ready.end(); ++it)
		{
			auto const& place = m_waiting.at(*it).place;
			if (blocks > 0 && (place.begin != end || blocks + place.blocks > m_max_blocks))
			{
				break;
			}
			blocks += place.blocks;
			end = place.end;
		}
		rank const r{open_ends(begin, end, l), -blocks, first < m_head};
		if (!best || r < best->first)
		{
			best.emplace(r, first);
		}
	}
	return best->second;
}

std::optional<write_chain> write_queue::take_next(bool const memory_short, lock& l)
{
	if (!m_ready.empty())
	{
		auto const at = m_order == order::fewest_seeks ? finished_ready(l) : next_ready(l);
		return take_chain(m_waiting.find(at), true, l);
	}
	if (!m_old.empty())
	{
		return take_chain(m_waiting.find(next_ready(l)), true, l);
	}
	if (memory_short && !m_waiting.empty())
	{
		auto const next = m_waiting.lower_bound(m_head);
		return take_chain(next != m_waiting.end() ? next : m_waiting.begin(), false, l);
	}
	return std::nullopt;
}

std::optional<write_chain> write_queue::take_piece(piece_place const& place)
{
	lock l(m_mutex);
	auto const it = m_waiting.find(of(place));
	if (it == m_waiting.end())
	{
		return std::nullopt;
	}
	write_chain chain{++m_last_number, flush_reason::stop, {it->second.place.key}};
	m_ready.erase(it->first);
	m_old.erase(it->first);
	m_waiting.erase(it);
	m_under_way.insert(chain.number);
	return chain;
}

write_chain write_queue::take_chain(waiting_map::iterator const at, bool const ready_only, lock& l)
{
	// an old one is taken along only by one of its kind
	bool const with_old = at->second.ready == flush_reason::age;
	auto const fits = [&](waiting const& w) {
		return !ready_only || (w.ready && (with_old || w.ready != flush_reason::age));
	};
	auto first = at;
	auto end = std::next(at);
	int blocks = at->second.place.blocks;
	auto const take_in = [&](waiting const& w) {
		bool const room = fits(w) && blocks + w.place.blocks <= m_max_blocks;
		blocks += room ? w.place.blocks : 0;
		return room;
	};
	while (end != m_waiting.end() && std::prev(end)->second.place.end == end->second.place.begin
		&& take_in(end->second))
	{
		++end;
	}
	while (first != m_waiting.begin() && std::prev(first)->second.place.end == first->second.place.begin
		&& take_in(std::prev(first)->second))
	{
		--first;
	}

	write_chain chain{++m_last_number, at->second.ready.value_or(flush_reason::memory), {}};
	for (auto it = first; it != end; it = m_waiting.erase(it))
	{
		chain.pieces.push_back(it->second.place.key);
		m_ready.erase(it->first);
		m_old.erase(it->first);
		m_head = {it->second.place.end, it->second.place.key.piece};
		if (m_order == order::fewest_seeks)
		{
			add_written(it->second.place.begin, it->second.place.end, l);
		}
	}
	m_under_way.insert(chain.number);
	return chain;
}

void write_queue::done(write_chain const& chain)
{
	lock const l(m_mutex);
	m_under_way.erase(chain.number);
	m_done.notify_all();
}

void write_queue::wait_done()
{
	lock l(m_mutex);
	auto const last = m_last_number;
	m_done.wait(l, [&] { return m_under_way.empty() || *m_under_way.begin() > last; });
}

bool write_queue::empty() const
{
	lock const l(m_mutex);
	return m_waiting.empty();
}

} // namespace rawswarm
