// SPDX-License-Identifier: BSD-3-Clause
// The device that a flag of the command line names: a path, or a selector as `rawswarm devices` prints it.
//
// Pure. Defined beside the manifest's own selectors (agent/manifest/manifest_targets.cpp), whose keys it
// takes.
#pragma once

#include "agent/machine/device_selector.hpp"
#include "agent/manifest/json_location.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

struct named_device
{
	std::string name; // a path, or the description of the selector
	std::optional<device_selector> selector;

	friend bool operator==(named_device const&, named_device const&) = default;
};

// A text that begins with { is a selector; anything else is a path.
result<named_device> parse_device(std::string_view text, json_location const& at);

} // namespace rawswarm
