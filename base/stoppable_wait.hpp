// SPDX-License-Identifier: BSD-3-Clause
// A pause that a request to stop ends. Blocks its thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace rawswarm
{

// False: it is asked to stop.
inline bool wait_unless_stopped(std::chrono::milliseconds const time, std::stop_token const& stop)
{
	std::mutex mutex;
	std::condition_variable_any woken;
	std::unique_lock lock(mutex);
	woken.wait_for(lock, stop, time, [] { return false; });
	return !stop.stop_requested();
}

} // namespace rawswarm
