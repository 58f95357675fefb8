// SPDX-License-Identifier: BSD-3-Clause
// Whether a job is good for this machine and for now: its "for", "not_before", "not_after" and
// "serial_number". A signature says who made a job; this is what keeps another machine's, or an old one, from
// being taken under any name.
//
// Pure: the clock comes from outside.
#pragma once

#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace rawswarm
{

// What this machine holds a job against.
struct validity_bounds
{
	std::chrono::sys_seconds now; // by its clock
	std::chrono::sys_seconds earliest; // it is not before this: when the program was made
	std::int64_t least_serial_number = 0; // a job must have at least this one; 0: it needs none
};

// Of this machine's clock and the program. Reads the clock.
validity_bounds bounds_of_now(std::int64_t least_serial_number);

// name: of the job, for messages. Errors are fault::refused: "reading job.json: /for/mac: ...".
//
// A clock that is behind bounds.earliest is not set. A time before bounds.earliest has passed whatever the
// clock says; any other cannot be told from such a clock, and the job is refused: who says until when a job
// is good wants no machine to take it later, and a clock can be set.
result<void> check_validity(manifest_validity const& validity, machine_identity const& self,
	validity_bounds const& bounds, std::string_view name);

} // namespace rawswarm
