// SPDX-License-Identifier: BSD-3-Clause
// At most so many threads at once, in the order in which they came; the others wait. Thread-safe.
//
// Who holds a turn must not wait for another one of the same turns.
#pragma once

#include "base/mutex.hpp"

#include <cstdint>

namespace rawswarm
{

class turns
{
public:
	// limit: asked again whenever a turn ends, so that a change takes effect then. At least one goes on.
	template <class Limit>
	void begin(Limit const& limit)
	{
		mutex_lock const l(m_mutex);
		auto const own = m_begun++;
		while (own > m_ended && own - m_ended >= limit())
		{
			m_changed.wait(m_mutex);
		}
	}

	void end()
	{
		mutex_lock const l(m_mutex);
		++m_ended;
		m_changed.notify_all();
	}

private:
	mutex m_mutex;
	condition m_changed;
	std::int64_t m_begun GUARDED_BY(m_mutex) = 0; // and the next one's number
	std::int64_t m_ended GUARDED_BY(m_mutex) = 0;
};

} // namespace rawswarm
