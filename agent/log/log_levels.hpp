// SPDX-License-Identifier: BSD-3-Clause
// The grammar of log levels, the same in --log, the environment, kernel parameters and a job's "log".
//
// A specification is a comma-separated list of LEVEL (for every component) and COMPONENT=LEVEL, as in
// "info,storage=debug". A component's own level takes precedence, whatever the order. Names are taken in any
// case and with blanks around them; "warning" is warn, "err" is error. Pure.
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm::log
{

enum class component
{
	agent,
	swarm,
	storage,
	beacon,
	fetch
};

inline constexpr std::array<std::string_view, 5> component_names{
	"agent", "swarm", "storage", "beacon", "fetch"};

// In the order of spdlog's.
enum class level
{
	trace,
	debug,
	info,
	warn,
	error,
	critical,
	off
};

// The levels that a specification sets. Without a value: left as it is.
struct level_set
{
	std::optional<level> all;
	std::array<std::optional<level>, component_names.size()> own;

	bool empty() const { return *this == level_set(); }

	std::optional<level> of(component const c) const
	{
		auto const& its_own = own.at(static_cast<std::size_t>(c));
		return its_own ? its_own : all;
	}

	friend bool operator==(level_set const&, level_set const&) = default;
};

// As a specification that parse_levels() reads as the same levels: "info,storage=debug". If every component
// has a level, the one that most of them have stands alone, before the others.
std::string to_string(level_set const& levels);

char const* to_string(level l) noexcept;

// fault::usage if malformed; the text quotes the specification and the part that is wrong.
result<level_set> parse_levels(std::string_view specification);

} // namespace rawswarm::log
