// SPDX-License-Identifier: BSD-3-Clause
// Loads a job at boot, when the network and the server may still be coming up.
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
	std::chrono::seconds timeout{60}; // 0: forever
	std::string boot_mac; // the ${mac} of this machine; empty: as read_identity() finds it
};

struct awaited_job
{
	manifest job;
	machine_identity self; // as it was when the job came
};

// Blocking. Retries, at growing intervals, failures that time may cure: no interface yet, no route, no
// address for the server's name, a server that is not up. Gives up at once if a server refuses or the job is
// wrong. A request lasts no longer than what is left of the timeout.
//
// waiting: called with the reason before the first wait, and again if the reason changes.
// An error is that of the last attempt and says for how long the job was tried.
result<awaited_job> await_job(
	job_source source, await_settings const& settings, std::function<void(error const& why)> const& waiting);

} // namespace rawswarm
