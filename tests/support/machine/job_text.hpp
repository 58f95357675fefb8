// SPDX-License-Identifier: BSD-3-Clause
// Manifests as texts, as fixtures, and what the parser makes of them.
#pragma once

#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

// That the jobs are read for. Its own names are put in.
machine_identity this_machine();

// The files of tests/fixtures/manifest/FOLDER, sorted.
std::vector<std::filesystem::path> job_fixtures(std::string const& folder);

// The fixture valid/NAME.json, read as /srv/jobs/NAME.json. If it is refused, the test fails.
manifest valid_job(std::string const& name);

// A manifest with one target and these members.
std::string job_with(std::string_view members);

// base: where the manifest comes from.
result<manifest> parse_job(std::string_view text, std::string_view base = "job.json");

// The text of the error that the manifest is refused with, or "accepted".
std::string job_refusal(std::string_view text, std::string_view base = "job.json");

} // namespace rawswarm::test
