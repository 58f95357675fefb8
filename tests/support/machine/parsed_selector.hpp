// SPDX-License-Identifier: BSD-3-Clause
// A selector as a job has it.
#pragma once

#include "agent/machine/device_selector.hpp"

#include <nlohmann/json.hpp>

namespace rawswarm::test
{

// The "device" of a target, read as all manifests are. Throws the parser's words if it refuses.
device_selector parsed_selector(nlohmann::json const& device);

} // namespace rawswarm::test
