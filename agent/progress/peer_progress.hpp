// SPDX-License-Identifier: BSD-3-Clause
// A peer that an agent is connected to, as displays show it.
#pragma once

#include <cstdint>
#include <string>

namespace rawswarm
{

// Payload: no protocol overhead. Bytes, and bytes per second.
struct peer_progress
{
	std::string address; // ADDRESS:PORT
	std::string client; // the name that it gives itself: any bytes
	std::int64_t down = 0;
	std::int64_t up = 0;
	std::int64_t downloaded = 0;
	std::int64_t uploaded = 0;
	double done = 0; // the share of the image that it has, 0 to 1
	bool is_ours = false; // we dialled it
	bool is_wanted = false; // it has pieces that we lack
	bool is_serving = false; // it sends us what we ask for
	bool wants = false; // it asks for pieces of ours
	bool on_parole = false; // it may have sent wrong data
};

} // namespace rawswarm
