// SPDX-License-Identifier: BSD-3-Clause
#include "storage/backend/write_queue.hpp"

#include "base/invariants.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace rawswarm
{

void write_queue::add(piece_location const& location, steady_time const now)
{
	mutex_lock const l(m_mutex);
	if (m_waiting.try_emplace(position_of(location), waiting{location, now, {}}).second)
	{
		m_by_age.emplace_back(now, position_of(location));
	}
	check_after_change();
}

void write_queue::set_ready(piece_location const& location, flush_reason const reason)
{
	mutex_lock const l(m_mutex);
	auto const it = m_waiting.find(position_of(location));
	// a piece that is old may still become ready, and then comes before the old ones; the reverse never
	// happens
	if (it == m_waiting.end() || (it->second.ready && it->second.ready != flush_reason::age))
	{
		return;
	}
	it->second.ready = reason;
	m_old.erase(it->first);
	(reason == flush_reason::age ? m_old : m_ready).insert(it->first);
	check_after_change();
}

// Drops pieces that no longer wait, or wait anew, from the front of the list.
void write_queue::forget_gone()
{
	while (!m_by_age.empty())
	{
		auto const& [since, at] = m_by_age.front();
		auto const it = m_waiting.find(at);
		// the time tells an entry of this wait from one of an earlier wait of the same piece
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
	mutex_lock const l(m_mutex);
	for (forget_gone(); !m_by_age.empty() && m_by_age.front().first <= time; forget_gone())
	{
		auto const& w = m_waiting.at(m_by_age.front().second);
		ret.push_back({w.location, w.postponed});
		m_by_age.pop_front(); // the caller makes it ready or postpones it
	}
	return ret;
}

void write_queue::postpone(piece_location const& location, steady_time const now)
{
	mutex_lock const l(m_mutex);
	auto const it = m_waiting.find(position_of(location));
	if (it != m_waiting.end() && !it->second.ready)
	{
		// at the back, so that the list stays sorted by time
		it->second.since = now;
		++it->second.postponed;
		m_by_age.emplace_back(now, it->first);
	}
}

std::optional<steady_time> write_queue::oldest() const
{
	mutex_lock const l(m_mutex);
	return m_by_age.empty() ? std::nullopt : std::optional(m_by_age.front().first);
}

bool write_queue::has(takes const what) const
{
	bool const is_any_ready = !m_ready.empty() || !m_old.empty();
	switch (what)
	{
	case takes::flushed: return !m_flushed.empty();
	case takes::ready: return is_any_ready;
	case takes::all: break;
	}
	return !m_waiting.empty();
}

bool write_queue::start_writer(int const writers, takes const what)
{
	mutex_lock const l(m_mutex);
	if (m_writers >= writers || !has(what))
	{
		return false;
	}
	++m_writers;
	return true;
}

std::optional<write_chain> write_queue::take(takes const what)
{
	mutex_lock const l(m_mutex);
	if (!has(what))
	{
		--m_writers;
		return std::nullopt;
	}
	if (what == takes::flushed)
	{
		return take_chain(m_waiting.find(next_of(m_flushed)), what);
	}
	if (!m_ready.empty())
	{
		auto const at = m_order == order::fewest_seeks ? finished_ready() : next_of(m_ready);
		return take_chain(m_waiting.find(at), takes::ready);
	}
	if (!m_old.empty())
	{
		return take_chain(m_waiting.find(next_of(m_old)), takes::ready);
	}
	// neighbours are taken along whether they are ready or not: the memory of both is needed
	auto const next = m_waiting.lower_bound(m_head);
	return take_chain(next != m_waiting.end() ? next : m_waiting.begin(), takes::all);
}

// The first one behind the head, or else the first one on the device: the next sweep.
write_queue::position write_queue::next_of(std::set<position> const& pieces) const
{
	auto const next = pieces.lower_bound(m_head);
	return next != pieces.end() ? *next : *pieces.begin();
}

// The number of ends of the chain where neighbours may still arrive. The start of the device, and a gap that
// no extent covers, count as such an end: to wait in vain costs a seek, never a byte.
int write_queue::open_ends(device_offset const begin, device_offset const end) const
{
	auto const behind = m_written.lower_bound(begin);
	bool const left = behind == m_written.begin() || std::prev(behind)->second != begin;
	bool const right = !m_written.contains(end);
	return int(left) + int(right);
}

// Merges the range with those that touch it, so that open_ends() finds a neighbour by its end alone, and the
// map grows with the number of gaps and not of pieces.
void write_queue::add_written(device_offset begin, device_offset end)
{
	if (end <= begin)
	{
		return; // padding alone, or extents whose order on the device is not the torrent's
	}
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

// The chain that is least likely to grow; among equals the longest one, then the next one in the sweep. It
// looks at every ready piece, which is little beside the seek that a better choice saves.
write_queue::position write_queue::finished_ready() const
{
	using rank = std::tuple<int, int, bool>; // lower is better
	std::optional<std::pair<rank, position>> best;
	for (auto it = m_ready.begin(); it != m_ready.end();)
	{
		auto const first = *it;
		// cut like the chain that take_chain() would make of it, so that both mean the same one
		auto const begin = m_waiting.at(first).location.begin;
		auto end = begin;
		int blocks = 0;
		for (; it != m_ready.end(); ++it)
		{
			auto const& location = m_waiting.at(*it).location;
			if (blocks > 0 && (location.begin != end || blocks + location.blocks > m_max_blocks))
			{
				break;
			}
			blocks += location.blocks;
			end = location.end;
		}
		rank const r{open_ends(begin, end), -blocks, first < m_head};
		if (!best || r < best->first)
		{
			best.emplace(r, first);
		}
	}
	return best->second;
}

write_chain write_queue::take_chain(waiting_map::iterator const at, takes const what)
{
	// an old piece joins only a chain of old ones: its rest will cost a write more, so it is taken last
	bool const with_old = at->second.ready == flush_reason::age;
	auto const fits = [&](waiting const& w) {
		bool const is_ready = w.ready && (with_old || w.ready != flush_reason::age);
		return what == takes::all || (is_ready && (what == takes::ready || w.flushed));
	};
	auto first = at;
	auto end = std::next(at);
	int blocks = at->second.location.blocks;
	auto const take_in = [&](waiting const& w) {
		bool const taken = fits(w) && blocks + w.location.blocks <= m_max_blocks;
		blocks += taken ? w.location.blocks : 0;
		return taken;
	};
	// first behind the piece, in the direction of the sweep; before it only as far as the limit allows
	while (end != m_waiting.end() && std::prev(end)->second.location.end == end->second.location.begin
		&& take_in(end->second))
	{
		++end;
	}
	while (first != m_waiting.begin() && std::prev(first)->second.location.end == first->second.location.begin
		&& take_in(std::prev(first)->second))
	{
		--first;
	}

	write_chain chain{++m_last_number, at->second.ready.value_or(flush_reason::memory), {}};
	for (auto it = first; it != end; it = m_waiting.erase(it))
	{
		chain.pieces.push_back(it->second.location.key);
		taken(it->first);
		m_head = {it->second.location.end, it->second.location.key.piece};
		// counts as written already: neighbours that arrive meanwhile are written after it
		if (m_order == order::fewest_seeks)
		{
			add_written(it->second.location.begin, it->second.location.end);
		}
	}
	m_under_way.insert(chain.number);
	pass_flushes_on();
	check_after_change();
	return chain;
}

void write_queue::done(write_chain const& chain)
{
	std::vector<std::function<void()>> due;
	{
		mutex_lock const l(m_mutex);
		m_under_way.erase(chain.number);
		// numbers ascend, so the first one under way is the oldest
		auto const end =
			m_under_way.empty() ? m_when_done.end() : m_when_done.lower_bound(*m_under_way.begin());
		for (auto it = m_when_done.begin(); it != end; it = m_when_done.erase(it))
		{
			due.push_back(std::move(it->second));
		}
	}
	for (auto const& f : due)
	{
		f();
	}
}

void write_queue::when_done(std::function<void()> f)
{
	{
		mutex_lock const l(m_mutex);
		if (!m_under_way.empty())
		{
			m_when_done.emplace(m_last_number, std::move(f));
			return;
		}
	}
	f();
}

bool write_queue::empty() const
{
	mutex_lock const l(m_mutex);
	return m_waiting.empty();
}

void write_queue::check_lists() const
{
	std::size_t ready = 0;
	std::size_t old = 0;
	std::size_t flushed = 0;
	for (auto const& [at, w] : m_waiting)
	{
		BOOST_ASSERT(at == position_of(w.location));
		bool const is_old = w.ready == flush_reason::age;
		bool const is_ready = w.ready && !is_old;
		BOOST_ASSERT(m_ready.contains(at) == is_ready && m_old.contains(at) == is_old);
		BOOST_ASSERT(m_flushed.contains(at) == w.flushed && (is_ready || !w.flushed));
		flushed += std::size_t(w.flushed);
		ready += std::size_t(is_ready);
		old += std::size_t(is_old);
	}
	// no piece is ready or old that does not wait
	BOOST_ASSERT(m_ready.size() == ready && m_old.size() == old && m_flushed.size() == flushed);
	BOOST_ASSERT(m_under_way.empty() || *m_under_way.rbegin() <= m_last_number);
	for (auto it = m_written.begin(); it != m_written.end(); ++it)
	{
		BOOST_ASSERT(it->first < it->second);
		BOOST_ASSERT(it == m_written.begin() || std::prev(it)->second < it->first);
	}
}

void write_queue::check_after_change() const
{
	if constexpr (checks_invariants)
	{
		check_lists();
	}
}

void write_queue::check_invariants() const
{
	mutex_lock const l(m_mutex);
	check_lists();
}

} // namespace rawswarm
