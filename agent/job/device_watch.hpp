// SPDX-License-Identifier: BSD-3-Clause
// Watches whether the device of a target answers, and says it when it hangs and when it answers again.
//
// Used by one thread, which never waits for the device.
#pragma once

#include "agent/job/hang_watch.hpp"
#include "base/result.hpp"
#include "storage/device/watched_device.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rawswarm
{

class device_watch
{
public:
	using clock = std::chrono::steady_clock;

	// name: of the device, for messages. limit: how long one request may take; 0: for ever.
	device_watch(std::string name, std::chrono::seconds limit);

	// The device outlives this. Before, nothing is pending.
	void begin(watched_device const& device) { m_device = &device; }

	// The device is about to be closed.
	void end() { m_device = nullptr; }

	// The error of a device that has not answered for longer than it may. To be called often.
	std::optional<error> check(clock::time_point now);

	// The request that is not answered for longest is a sync.
	bool is_syncing() const;

	// The request that is not answered for longest, as text.
	std::optional<std::string> pending() const;

private:
	std::optional<pending_request> oldest() const;

	std::string m_name;
	std::chrono::seconds m_limit;
	watched_device const* m_device = nullptr;
	hang_watch m_hang;
};

} // namespace rawswarm
