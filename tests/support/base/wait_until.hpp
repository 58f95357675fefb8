// SPDX-License-Identifier: BSD-3-Clause
// Waits for what nothing announces. For tests; blocks its thread.
#pragma once

#include <chrono>
#include <thread>

namespace rawswarm::test
{

// False: it was not so in all the time.
template <class Condition>
bool wait_until(Condition const& is_so, std::chrono::milliseconds const patience = std::chrono::seconds(25))
{
	auto const end = std::chrono::steady_clock::now() + patience;
	while (!is_so())
	{
		if (std::chrono::steady_clock::now() > end)
		{
			return false;
		}
		std::this_thread::sleep_for(std::chrono::milliseconds(20));
	}
	return true;
}

} // namespace rawswarm::test
