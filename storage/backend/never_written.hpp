// SPDX-License-Identifier: BSD-3-Clause
// Whether nothing was written to a device yet, so that no read of it can be older than what is in memory.
//
// Thread-safe.
#pragma once

#include "base/mutex.hpp"

#include <atomic>

namespace rawswarm
{

class never_written
{
public:
	bool holds() const { return m_holds.load(std::memory_order_acquire); }

	// Called before the first block is put into the cache, and for every one after that.
	void end()
	{
		if (holds())
		{
			mutex_lock const l(m_mutex);
			m_holds.store(false, std::memory_order_release);
		}
	}

	// Calls f, which may neither block nor call this, if it holds; it goes on to hold until f has returned.
	template <class F>
	void while_it_holds(F const f)
	{
		mutex_lock const l(m_mutex);
		if (holds())
		{
			f();
		}
	}

private:
	mutex m_mutex;
	std::atomic<bool> m_holds{true};
};

} // namespace rawswarm
