// SPDX-License-Identifier: BSD-3-Clause
// The beacons of one job: the sender that its manifest asks for, and the last words.
#pragma once

#include "agent/beacon/beacon_sender.hpp"
#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/progress/progress.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace rawswarm
{

// A key that cannot be read is an error: an unsigned beacon where a signed one is wanted says nothing.
result<std::unique_ptr<beacon_sender>> make_beacon_sender(
	boost::asio::io_context& ios, manifest const& job, machine_identity const& self);

// Three times, a little apart, as one burst may be lost whole. Takes 60 ms.
void send_last(beacon_sender& beacons, progress const& p);

} // namespace rawswarm
