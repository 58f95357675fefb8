// SPDX-License-Identifier: BSD-3-Clause
// A process that talks to a network gives up what its work does not need: a fault in it then is worth less
// to whoever finds it.
//
// What the kernel lacks is left out and said at the level debug: a rescue system's may have none of it, and
// no job fails for that.
#pragma once

#include "agent/least_power/capabilities.hpp"

namespace rawswarm
{

struct least_power
{
	capability_set capabilities; // that are kept
	// It starts programs of others that may need anything: they get the privileges of whoever started this
	// one, and no call is denied.
	bool starts_any_program = false;
};

// From now on this process writes no core, and can be looked into by root alone; it has no capability but
// those; unless it starts any program, neither it nor what it starts gets new privileges, and calls are
// denied (denied_calls.hpp). For good. To be called before threads are started, as capabilities are a
// thread's own.
void give_up_power(least_power const& kept);

} // namespace rawswarm
