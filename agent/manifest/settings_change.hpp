// SPDX-License-Identifier: BSD-3-Clause
// What `rawswarm set` changes of an agent that runs, as words: a device, and KEY=VALUE with the keys and the
// values of a job (docs/spec.md, "Changing an agent's settings").
//
// Pure. Errors are fault::usage and begin with the key.
#pragma once

#include "agent/log/log_levels.hpp"
#include "base/result.hpp"
#include "storage/device/device_profile.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rawswarm
{

struct settings_change
{
	std::string device; // of a target, for writers and readers; empty: of all
	std::optional<std::optional<std::int64_t>> memory; // bytes; an empty one in it: auto
	std::optional<int> writers;
	std::optional<int> readers;
	coalesce_limits coalesce; // of all targets
	std::optional<log::level_set> log;
};

// At least one key, none twice.
result<settings_change> parse_settings_change(std::span<std::string const> words);

} // namespace rawswarm
