// SPDX-License-Identifier: BSD-3-Clause
// The first of many errors, given to everybody who asks from then on. May be used from any thread.
//
// Linux reports a failed write-back to one fsync only. The next one succeeds although the data is
// gone, so whoever syncs must remember.
#pragma once

#include "base/mutex.hpp"
#include "base/result.hpp"

#include <atomic>
#include <optional>
#include <utility>

namespace rawswarm
{

class first_error
{
public:
	// True if it is the first, which alone is kept.
	bool set(error const& e)
	{
		mutex_lock const l(m_mutex);
		if (is_set())
		{
			return false;
		}
		m_error = e;
		m_set.store(true, std::memory_order_release);
		return true;
	}

	// set(), and passes the error on either way: `return m_failed.keep(...)`.
	error keep(error e)
	{
		set(e);
		return e;
	}

	bool is_set() const { return m_set.load(std::memory_order_acquire); }

	std::optional<error> get() const
	{
		mutex_lock const l(m_mutex);
		return is_set() ? std::optional(m_error) : std::nullopt;
	}

	// Success until the first error, and that error ever after.
	result<void> check() const
	{
		if (!is_set())
		{
			return success();
		}
		mutex_lock const l(m_mutex);
		return m_error;
	}

private:
	std::atomic<bool> m_set{false};
	mutable mutex m_mutex;
	error m_error GUARDED_BY(m_mutex);
};

} // namespace rawswarm
