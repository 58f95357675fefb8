// SPDX-License-Identifier: BSD-3-Clause
// Two images of a room's server, and jobs of machines that get them.
#pragma once

#include "tests/support/device/device_content.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/serving_room.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

namespace rawswarm::test
{

// A job of one image, whose peers come from what `swarm` says.
inline nlohmann::json job_of(prepared_image const& image, std::string const& target, std::uint16_t const peer)
{
	auto job = loopback_job({peer});
	job["targets"].push_back(image_target(image.torrent_path, target));
	return job;
}

inline ::testing::AssertionResult is_imaged(prepared_image const& image, std::string const& target)
{
	return content_equals(target, expected_content(image.torrent.files, size_of(target), background::zeros));
}

inline torrent_options named(std::string name)
{
	torrent_options options;
	options.piece_size = 64 * 1024;
	options.name = std::move(name);
	return options;
}

class image_seeder_test : public ::testing::Test
{
protected:
	std::string target(std::string const& name) const { return m_dir / name; }

	prepared_image m_first{{.count = 60, .seed = 1}, named("first")};
	prepared_image m_second{{.count = 60, .seed = 2}, named("second")};
	temp_dir m_dir;
	temp_dir m_other_dir; // of a second job at the same time
};

} // namespace rawswarm::test
