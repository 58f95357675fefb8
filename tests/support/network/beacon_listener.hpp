// SPDX-License-Identifier: BSD-3-Clause
// Receives beacons on a UDP port of 127.0.0.1, from construction to destruction.
//
// A thread of its own stamps each datagram as it arrives. All members may be called from any thread.
#pragma once

#include "base/unique_fd.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm::test
{

struct received_beacon
{
	std::string text; // the datagram as it came
	nlohmann::json json; // "discarded" if the text is not JSON
	std::chrono::steady_clock::time_point at;
};

class beacon_listener
{
public:
	beacon_listener();
	~beacon_listener();
	beacon_listener(beacon_listener const&) = delete;
	beacon_listener& operator=(beacon_listener const&) = delete;

	std::uint16_t port() const { return m_port; }
	std::string address() const; // "127.0.0.1:PORT"

	// All so far, in the order of their arrival.
	std::vector<received_beacon> beacons() const;

	// The first one that the predicate accepts, received before the call or within the timeout.
	std::optional<received_beacon> wait_for(
		std::function<bool(nlohmann::json const&)> const& accepts, std::chrono::milliseconds timeout) const;

	// The same for a state of the job.
	std::optional<received_beacon> wait_for_state(
		std::string const& state, std::chrono::milliseconds timeout) const;

private:
	void receive();

	unique_fd m_socket;
	unique_fd m_stop; // an eventfd that wakes the thread
	std::uint16_t m_port = 0;
	mutable std::mutex m_mutex;
	mutable std::condition_variable m_arrived;
	std::vector<received_beacon> m_beacons;
	std::thread m_thread;
};

} // namespace rawswarm::test
