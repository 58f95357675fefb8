// SPDX-License-Identifier: BSD-3-Clause
// What a job is given besides its manifest. A value.
#pragma once

#include <chrono>
#include <string>

namespace rawswarm
{

struct job_start
{
	std::chrono::milliseconds fetching{}; // how long it took until the job was there
	std::string socket; // where `status`, `log` and `stop` find it; empty: the usual one (job_control.hpp)
};

} // namespace rawswarm
