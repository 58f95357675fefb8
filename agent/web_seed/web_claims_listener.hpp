// SPDX-License-Identifier: BSD-3-Clause
// Where web_seed_claims sends what is to be said to one peer.
//
// Called in libtorrent's network thread. The implementation registers and unregisters itself with
// web_seed_claims, which owns no listener.
#pragma once

#include <span>

namespace rawswarm
{

class web_claims_listener
{
public:
	virtual ~web_claims_listener() = default;

	// body: claims as claim_message.hpp lays them out. The peer may be disconnected by this, and the listener
	// unregistered, before it returns.
	virtual void send(std::span<char const> body) = 0;
};

} // namespace rawswarm
