// SPDX-License-Identifier: BSD-3-Clause
// A selector from its JSON, as in a job.
#pragma once

#include "agent/machine/device_selector.hpp"

#include <nlohmann/json.hpp>

namespace rawswarm::test
{

// Reads the "device" of a target by the manifest's parser. Throws that parser's error.
device_selector parsed_selector(nlohmann::json const& device);

} // namespace rawswarm::test
