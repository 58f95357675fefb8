// SPDX-License-Identifier: BSD-3-Clause
// `room`: what a person asks of the `rawswarm serve` that runs on this machine, by its socket.
#pragma once

#include "agent/cli/cli11.hpp"
#include "agent/cli/commands.hpp"
#include "agent/serve/room_request.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

// As on the command line.
struct room_words
{
	std::string order = "list";
	std::string machines;
	std::string image;
	bool now = false;
};

// fault::usage for words that are missing or too many.
result<room_request> read_room_words(room_words const& words);

// The options of `room`, and what they mean together. Options are bound to the members, so it stays where it
// is. One thread.
class room_command
{
public:
	room_command() = default;
	room_command(room_command const&) = delete;
	room_command& operator=(room_command const&) = delete;

	void add_options(CLI::App& app);

	// Once the options are parsed. socket: of the server that is meant; empty: the only one that listens at
	// the usual place. fault::network: there is none, it may not be asked, it does not answer. An order that
	// stands though the machines could not be woken is printed, and is fault::network.
	result<int> run(common_options const& common, std::string const& socket) const;

private:
	room_words m_words;
};

} // namespace rawswarm
