// SPDX-License-Identifier: BSD-3-Clause
// What a machine of a room is doing, or will do, in a word: by its beacons while it works, otherwise by what
// the book knows of it. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace rawswarm
{

// Whether a job with this state holds the machine's disks: what is ordered meanwhile would not be what it
// does.
bool is_at_work(std::string_view heard) noexcept;

// machine: of room_book::list(). heard: the state that its beacons tell, or empty; it counts while the
// machine has a job of this server's, as anybody can send a beacon. One of the states of a job, "started" (it
// has a job and was not heard), "failed", "ordered" (gets an image at its next start), "capture" (is read at
// its next start), "done" (has its image), "own disk" (nobody asked for anything).
std::string machine_state(nlohmann::ordered_json const& machine, std::string_view heard);

} // namespace rawswarm
