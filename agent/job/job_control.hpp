// SPDX-License-Identifier: BSD-3-Clause
// A job's socket: answers `status`, `log`, `set` and `stop` while the job runs (agent/control).
//
// Made and called by the thread of the io_context. Clients that stop the job are let go when this is
// destroyed: after the devices are closed.
#pragma once

#include "agent/control/control_answers.hpp"
#include "agent/control/control_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

class job_control
{
public:
	struct environment
	{
		boost::asio::io_context& ios;
		std::function<progress()> snapshot;
		std::function<std::size_t()> ask_peers; // how many times on_peers() will follow
		std::function<void()> stop;
		std::function<agent_settings()> settings;
		std::function<result<void>(std::span<std::string const> words)> change; // of the settings
	};

	// job: its name.
	job_control(environment env, std::string job);

	// Begins to listen, at the path, or if that is empty at this process's own in the common folder. A job
	// does not fail if it cannot: that is logged, as a warning if a path was asked for.
	void listen(std::string const& path);

	// The peers of a torrent, by the first of its targets.
	void on_peers(std::size_t target, std::vector<peer_progress> peers);

	// The job is over: tells those that have stopped it, and listens no more.
	void end(progress const& last, int exit_code);

private:
	void on_request(control_request const& request, control_reply const& reply);
	std::string change(std::span<std::string const> words) const;
	void begin_status();
	void answer_status();

	// A `status` that waits for libtorrent's thread to list the peers.
	struct waiting_client
	{
		control_reply reply;
		bool as_text = false;
	};

	environment m_env;
	status_report m_report;
	std::size_t m_lists_to_come = 0; // of peers
	std::vector<waiting_client> m_waiting;
	std::vector<control_reply> m_stopping;
	boost::asio::steady_timer m_limit; // for the lists
	std::unique_ptr<control_server> m_server; // none: it cannot listen
};

} // namespace rawswarm
