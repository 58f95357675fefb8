// SPDX-License-Identifier: BSD-3-Clause
// Progress as JSON, for the report at a job's end and for `status` before it. Pure. Sizes in bytes.
#pragma once

#include "agent/progress/progress.hpp"

#include <nlohmann/json_fwd.hpp>

#include <span>

namespace rawswarm
{

nlohmann::ordered_json storage_as_json(storage_progress const& p);
nlohmann::ordered_json tables_as_json(std::span<table_progress const> tables);

// Without what is only of use while the job goes on: rates, peers, and what a target waits for.
nlohmann::ordered_json target_as_json(target_progress const& t);

} // namespace rawswarm
