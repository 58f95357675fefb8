// SPDX-License-Identifier: BSD-3-Clause
// What an agent answers: to `status` what it is doing, in words for a person or with all of its counts; to
// `log` the levels; to `set` its settings; to `stop` how it ended. Pure, but for change_levels().
#pragma once

#include "agent/log/log_levels.hpp"
#include "agent/progress/peer_progress.hpp"
#include "agent/progress/progress.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>

namespace rawswarm
{

// Of a target; those that share a torrent have the same peers, which are listed once.
struct target_peers
{
	std::size_t target = 0; // which of the progress
	std::vector<peer_progress> peers;
};

// Of a target: what the backend works with, in blocks.
struct target_settings
{
	std::string device;
	int writers = 0; // at once
	int readers = 0;
	int max_blocks = 0;
	int min_blocks = 0;
	std::chrono::milliseconds timeout{};
};

struct agent_settings
{
	std::size_t memory = 0; // bytes
	int threads = 0; // that read and write
	std::vector<target_settings> targets;
};

struct status_report
{
	pid_t process = 0; // that the user has started
	std::string job; // the manifest's name
	log::level_set levels;
	progress now;
	std::vector<target_peers> peers;
	agent_settings settings;
};

// A line for the agent, and a line with what the bar shows for each of its targets. Safe to print.
std::string status_as_text(status_report const& report);

// Lines for the client. as_text: status_as_text() is in it, and nothing else.
std::string status_line(status_report const& report, bool as_text);
std::string levels_line(pid_t process, log::level_set const& levels);

// Sets this program's levels as a request says, logs what they are now, and answers with them or with the
// error.
std::string change_levels(pid_t process, std::string const& levels);

// What they are now.
std::string settings_line(pid_t process, agent_settings const& settings, log::level_set const& levels);

std::string ended_line(pid_t process, progress const& last, int exit_code);

} // namespace rawswarm
