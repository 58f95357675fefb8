// SPDX-License-Identifier: BSD-3-Clause
// Brings a job at boot, when the network and the server may still be on their way up.
#pragma once

#include "agent/job/job_source.hpp"
#include "agent/machine/identity.hpp"
#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace rawswarm
{

struct await_settings
{
	std::chrono::seconds timeout{60}; // 0: as long as it takes
	std::string boot_mac; // the ${mac} of this machine; empty: as read_identity() finds it
};

struct awaited_job
{
	manifest job;
	machine_identity self; // as it was when the job came
};

// Blocking. Tries again, each time a little later, while the failure is one that time may mend: no
// interface yet, no route, no address for the server's name, a server that is not up; not once a server
// has said no, or the job is wrong. One request lasts no longer than what is left of the timeout.
//
// waiting: called with the reason before the first of these waits, and when the reason changes.
// An error is the last attempt's; it says for how long it was tried.
result<awaited_job> await_job(
	job_source source, await_settings const& settings, std::function<void(error const& why)> const& waiting);

// read_identity(), with boot_mac instead of the MAC where there is one.
machine_identity identity_at_boot(std::string const& boot_mac);

} // namespace rawswarm
