// SPDX-License-Identifier: BSD-3-Clause
// The first error of many, given to everybody who asks from then on. May be used from any thread.
//
// Linux reports a write-back that failed to one fsync only. The next one succeeds although the data is
// gone, so whoever syncs must remember.
#pragma once

#include "base/result.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace rawswarm
{

class first_error
{
public:
	// Kept if it is the first. Passed on either way: `return m_failed.keep(...)`.
	error keep(error e)
	{
		std::lock_guard const lock(m_mutex);
		if (!m_set.load(std::memory_order_relaxed))
		{
			m_error = e;
			m_set.store(true, std::memory_order_release);
		}
		return e;
	}

	// Success as long as nothing failed, the first error ever after.
	result<void> check() const
	{
		if (!m_set.load(std::memory_order_acquire))
		{
			return boost::outcome_v2::success();
		}
		std::lock_guard const lock(m_mutex);
		return m_error;
	}

private:
	std::atomic<bool> m_set{false};
	mutable std::mutex m_mutex;
	error m_error;
};

} // namespace rawswarm
