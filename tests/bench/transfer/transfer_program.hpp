// SPDX-License-Identifier: BSD-3-Clause
// A program that sends an image from one process to another over loopback, each with the program's own
// defaults where the bench does not say otherwise. Errors are thrown.
#pragma once

#include "tests/bench/swarm/room_content.hpp"
#include "tests/bench/transfer/transfer_target.hpp"
#include "tests/support/base/child_process.hpp"

#include <memory>
#include <string>

namespace rawswarm::bench
{

struct transfer_task
{
	room_content const& content;
	transfer_target const& target;
	std::string folder; // for files of the program
	std::string memory; // budget of either side, as --memory takes it
};

class transfer_program
{
public:
	virtual ~transfer_program() = default;

	virtual std::string name() const = 0;

	// Runs until it gets SIGTERM.
	virtual test::child_options seeder(transfer_task const& task) const = 0;

	// Waits until a client would be served. False: it will not be.
	virtual bool serves(test::child_process& seeder) const = 0;

	// Ends with 0 once it has the image.
	virtual test::child_options client(transfer_task const& task) const = 0;

	// True if the client's copy equals the image, byte for byte.
	virtual bool is_right(transfer_task const& task) const = 0;

	// Why it cannot have this target. Empty: it can.
	virtual std::string refusal(transfer_target const& target) const = 0;
};

// `rawswarm run` on both sides, of this build or another one.
std::unique_ptr<transfer_program> make_rawswarm_transfer(std::string path, std::string name);

// aria2c with the image's bytes as one file, as it knows no gaps, and busybox as the tracker that it needs.
std::unique_ptr<transfer_program> make_aria2_transfer(std::string path);

} // namespace rawswarm::bench
