// SPDX-License-Identifier: BSD-3-Clause
// One disk imaged from the image file of another.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace rawswarm::test
{

// Makes the torrent of the source (dir/disk.torrent), serves it, and runs a job that puts it on the disk,
// with `keys` in its target and `of_job` beside the targets. The job's report is on standard output. starter:
// words in front of the command.
run_result image_disk(temp_dir const& dir, std::string const& source, std::string const& disk,
	nlohmann::json const& keys, nlohmann::json const& of_job = nlohmann::json::object(),
	std::vector<std::string> const& starter = {});

} // namespace rawswarm::test
