// SPDX-License-Identifier: BSD-3-Clause
// The parts of a job that stand in room.json, held against what a job may have: by parse_manifest(), which
// knows. Pure.
//
// Errors stand at the value's place in room.json. Nulls, which take a key away, are passed over.
#pragma once

#include "agent/manifest/json_location.hpp"
#include "base/result.hpp"

#include <nlohmann/json.hpp>

namespace rawswarm
{

// Keys of a job, but those that the server gives.
result<void> check_job_keys(nlohmann::json const& job, json_location const& at);

// What a job's target may have for its device.
result<void> check_job_device(nlohmann::json const& device, json_location const& at);

// Further keys of a job's target.
result<void> check_target_keys(nlohmann::json const& target, json_location const& at);

} // namespace rawswarm
