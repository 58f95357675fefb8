// SPDX-License-Identifier: BSD-3-Clause
// Which of several web seeds is asked for a piece, and what it must keep up with. Pure.
#pragma once

#include "agent/web_seed/web_seed_connection.hpp"
#include "agent/web_seed/web_seed_source.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

namespace rawswarm
{

// The place of one that may be asked for the target and is not taken, counted from `start` on: with another
// start for each piece all of several are used. Slow ones come last. Empty: there is none.
std::optional<std::size_t> choose_source(std::span<web_seed_source const> sources, std::size_t target,
	std::size_t start, web_seed_source::clock::time_point now,
	std::function<bool(std::size_t source)> const& is_taken);

// What one must keep up with: a part of the pace of the fastest other one. None, if no other one is there in
// its place.
web_pace pace_of_others(std::span<web_seed_source const> sources, std::size_t target, std::size_t source,
	web_seed_source::clock::time_point now);

} // namespace rawswarm
