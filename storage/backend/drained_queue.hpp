// SPDX-License-Identifier: BSD-3-Clause
// Work that a few workers drain together: each takes the next item until none is left, so that what they have
// done can be handed on many at a time. Thread-safe.
#pragma once

#include "base/mutex.hpp"

#include <deque>
#include <optional>
#include <utility>

namespace rawswarm
{

template <class T>
class drained_queue
{
public:
	// True if one more worker is to start, which counts as at work from here on.
	bool add(T item, int const max_workers)
	{
		mutex_lock const l(m_mutex);
		m_items.push_back(std::move(item));
		if (m_workers >= max_workers)
		{
			return false;
		}
		++m_workers;
		return true;
	}

	// By a worker. Empty: nothing is left, and the worker counts as ended.
	std::optional<T> next()
	{
		mutex_lock const l(m_mutex);
		if (m_items.empty())
		{
			--m_workers;
			return std::nullopt;
		}
		std::optional<T> item(std::move(m_items.front()));
		m_items.pop_front();
		return item;
	}

private:
	mutex m_mutex;
	std::deque<T> m_items GUARDED_BY(m_mutex);
	int m_workers GUARDED_BY(m_mutex) = 0;
};

} // namespace rawswarm
