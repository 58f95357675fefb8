// SPDX-License-Identifier: BSD-3-Clause
// The fixture of tests of a room: a room and an image, and no agent yet. They are skipped without root.
#pragma once

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/network/room.hpp"
#include "tests/support/program/room_agents.hpp"
#include "tests/support/program/room_image.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>

namespace rawswarm::test
{

struct room_size
{
	std::size_t clients = 1;
	int mbit = 0; // of every cable; 0: no limit
	int mib = 16; // of the image
	int piece_size = 256 * 1024; // bytes
	image_content content = image_content::random;
};

class room_test : public ::testing::Test
{
protected:
	void SetUp() override;
	void TearDown() override; // prints the output of the agents after a failure

	// Makes a room, in place of an earlier one.
	void make(room_size const& size);

	// The host numbers of all clients.
	std::vector<std::size_t> clients() const { return hosts_between(1, m_hosts->size() - 1); }

	room& hosts() { return *m_hosts; }
	image_files const& image() const { return m_image; }
	room_agents& agents() { return *m_agents; }
	std::string folder() const { return m_folder->path().string(); }

private:
	std::optional<temp_dir> m_folder;
	image_files m_image;
	std::optional<room> m_hosts;
	std::optional<room_agents> m_agents;
};

} // namespace rawswarm::test
