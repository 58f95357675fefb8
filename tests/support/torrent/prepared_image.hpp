// SPDX-License-Identifier: BSD-3-Clause
// What most integration tests start from: extents with gaps, a torrent of them, and an image file that
// has them, ready to be served; and a job that is written down and carried out.
#pragma once

#include "tests/support/program/child_process.hpp"
#include "tests/support/program/temp_dir.hpp"
#include "tests/support/torrent/torrent_maker.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm::test
{

struct prepared_image
{
	explicit prepared_image(extent_layout const& layout, torrent_options const& options = {});
	explicit prepared_image(std::vector<torrent_file> files, torrent_options const& options = {});

	temp_dir dir;
	made_torrent torrent;
	std::string torrent_path; // a file in dir
	std::string source_path; // an image file in dir, zeros outside the extents
	std::uint64_t device_size; // bytes, whole MiB, with room after the last extent
};

// `rawswarm run` with the job in a file of `dir`.
child_options run_command(temp_dir const& dir, nlohmann::json const& job);

// The same, to its end.
run_result run_job(temp_dir const& dir, nlohmann::json const& job,
	std::chrono::milliseconds timeout = std::chrono::seconds(25));

} // namespace rawswarm::test
