// SPDX-License-Identifier: BSD-3-Clause
// A job that images one file from peers on this machine.
#pragma once

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/prepared_image.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

namespace rawswarm::test
{

// The target is target.img in the folder. peers: ports.
inline nlohmann::json image_job(
	prepared_image const& image, temp_dir const& folder, std::vector<std::uint16_t> const& peers)
{
	auto job = loopback_job(peers);
	job["targets"].push_back(image_target(image.torrent_path, folder / "target.img"));
	return job;
}

} // namespace rawswarm::test
