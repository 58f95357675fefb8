// SPDX-License-Identifier: BSD-3-Clause
// The beacons of one job: the sender that its manifest asks for, and the final beacons.
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

// A key that cannot be read is an error: whoever expects signed beacons would not see unsigned ones.
result<std::unique_ptr<beacon_sender>> make_beacon_sender(
	boost::asio::io_context& ios, manifest const& job, machine_identity const& self);

// Sends the final beacon three times, 20 ms apart, as a single burst may be lost whole, and a signed one
// again to who asks for it within 200 ms more. Takes 60 ms; 260 if it is signed.
void send_last(beacon_sender& beacons, progress const& p);

} // namespace rawswarm
