// SPDX-License-Identifier: BSD-3-Clause
// What became of the datagrams that came in. A value.
#pragma once

#include <cstdint>

namespace rawswarm
{

struct watch_counts
{
	std::uint64_t accepted = 0;
	std::uint64_t outdated = 0; // not newer than what is known, or of an agent that there is no room for
	std::uint64_t malformed = 0; // no beacons
	std::uint64_t unsigned_ones = 0; // not signed with the key
	std::uint64_t unproven = 0; // signed, of a run that has not answered yet (run_proof.hpp)
};

} // namespace rawswarm
