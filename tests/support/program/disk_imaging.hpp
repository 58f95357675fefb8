// SPDX-License-Identifier: BSD-3-Clause
// One disk imaged from the image file of another.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace rawswarm::test
{

// Makes the torrent of the source (dir/disk.torrent), serves it, and runs a job that puts it on the disk,
// with `keys` in its target and `of_job` beside the targets. The job's report is on standard output.
run_result image_disk(temp_dir const& dir, std::string const& source, std::string const& disk,
	nlohmann::json const& keys, nlohmann::json const& of_job = nlohmann::json::object());

} // namespace rawswarm::test
