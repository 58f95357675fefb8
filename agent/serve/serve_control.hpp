// SPDX-License-Identifier: BSD-3-Clause
// The room's socket: answers `room`, `status`, `log` and `stop` while `serve` runs (agent/control).
//
// Made and called by the thread of the io_context. Clients that stop it are let go when this is destroyed: at
// the very end, once everything is closed.
#pragma once

#include "agent/control/control_server.hpp"
#include "agent/serve/room_requests.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rawswarm
{

class serve_control
{
public:
	struct environment
	{
		boost::asio::io_context& ios;
		room_requests& requests;
		std::function<std::vector<std::string>()> open_images; // names of those that are served now
		std::function<void()> stop;
	};

	explicit serve_control(environment env);

	// At the path, or if that is empty at this process's own in the common folder. fault::internal: it
	// cannot.
	result<void> listen(std::string const& path);

	// The server ends: tells those that have stopped it, and listens no more.
	void end(int exit_code);

private:
	void on_request(control_request const& request, control_reply const& reply);
	nlohmann::ordered_json status() const;

	environment m_env;
	std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
	std::vector<control_reply> m_stopping;
	std::unique_ptr<control_server> m_server;
};

// For a person: a line for the server, one with its machines by state, one with its images. Safe to print.
std::string serve_status_text(nlohmann::ordered_json const& status);

} // namespace rawswarm
