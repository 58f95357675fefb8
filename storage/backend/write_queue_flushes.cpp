// SPDX-License-Identifier: BSD-3-Clause
// The flushes of write_queue: pieces that are to be written whatever they lack, and who waits for them.
#include "storage/backend/write_queue.hpp"

#include <utility>

namespace rawswarm
{

void write_queue::mark_flushed(waiting_map::value_type& piece)
{
	auto& [at, w] = piece;
	if (!w.ready || w.ready == flush_reason::age)
	{
		w.ready = flush_reason::stop;
		m_old.erase(at);
		m_ready.insert(at);
	}
	w.flushed = true;
	m_flushed.insert(at);
}

void write_queue::flush(std::function<void()> then)
{
	mutex_lock l(m_mutex);
	std::set<position> pieces;
	for (auto& piece : m_waiting)
	{
		mark_flushed(piece);
		pieces.insert(pieces.end(), piece.first);
	}
	check_after_change();
	if (pieces.empty())
	{
		l.unlock();
		when_done(std::move(then));
		return;
	}
	m_flushes.push_back({std::move(pieces), std::move(then)});
}

void write_queue::flush(piece_location const& location, std::function<void()> then)
{
	mutex_lock l(m_mutex);
	auto const it = m_waiting.find(position_of(location));
	if (it == m_waiting.end())
	{
		l.unlock();
		when_done(std::move(then));
		return;
	}
	mark_flushed(*it);
	check_after_change();
	m_flushes.push_back({{it->first}, std::move(then)});
}

// The piece is part of the chain that is being taken.
void write_queue::taken(position const& piece)
{
	m_ready.erase(piece);
	m_old.erase(piece);
	if (m_flushed.erase(piece) > 0)
	{
		for (auto& f : m_flushes)
		{
			f.pieces.erase(piece);
		}
	}
}

// Flushes of which everything was taken wait for the last chain, and with it for those before.
void write_queue::pass_flushes_on()
{
	for (auto f = m_flushes.begin(); f != m_flushes.end();)
	{
		if (!f->pieces.empty())
		{
			++f;
			continue;
		}
		m_when_done.emplace(m_last_number, std::move(f->then));
		f = m_flushes.erase(f);
	}
}

} // namespace rawswarm
