// SPDX-License-Identifier: BSD-3-Clause
// The metrics as a file for node_exporter's textfile collector: written anew every few seconds, and never
// seen half written.
//
// The folder should be on a file system of this machine, as a write that hangs stops the watcher. One thread.
// Source: https://github.com/prometheus/node_exporter#textfile-collector
#pragma once

#include "agent/watch/fleet.hpp"
#include "base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace rawswarm
{

class metrics_file
{
public:
	explicit metrics_file(std::string path);

	// Whether it can be written at all, and the collector would take it: its name ends in .prom.
	// fault::usage, fault::target.
	result<void> check() const;

	bool is_due(fleet_clock::time_point now) const;

	// What cannot be written is warned about, once until it can be again.
	void write(std::string_view text, fleet_clock::time_point now);

private:
	std::string m_path;
	fleet_clock::time_point m_due{};
	bool m_failed = false;
};

} // namespace rawswarm
