// SPDX-License-Identifier: BSD-3-Clause
// The output of the commands: text for people, or JSON with a "version" in it.
#pragma once

#include "agent/create/create.hpp"
#include "agent/job/plan.hpp"
#include "agent/manifest/manifest.hpp"

#include <string>

namespace rawswarm
{

// One line of JSON, without the newline. Sizes in bytes.
std::string plan_as_json(manifest const& job, job_plan const& plan);
std::string summary_as_json(create_options const& options, create_summary const& made);

// One or more lines, each with its newline.
std::string plan_as_text(manifest const& job, job_plan const& plan);
std::string summary_as_text(create_options const& options, create_summary const& made);

} // namespace rawswarm
