// SPDX-License-Identifier: BSD-3-Clause
// What the session as a whole is doing, for whoever asks what it waits for.
#pragma once

#include <chrono>

namespace rawswarm
{

struct swarm_activity
{
	int asked_peers = 0; // that owe us blocks
	int useful_peers = 0; // that have something that we lack
	std::chrono::nanoseconds network_thread{0}; // processor time of libtorrent's thread so far
};

} // namespace rawswarm
