// SPDX-License-Identifier: BSD-3-Clause
// Plays a recording: hands out its datagrams at their times.
//
// One thread, that of the io_context, which must outlive it.
#pragma once

#include "agent/watch/recording.hpp"
#include "agent/watch/watch_clock.hpp"
#include "base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <string>

namespace rawswarm
{

class replay
{
public:
	// The clock of the watch is set when the recording is opened.
	replay(boost::asio::io_context& ios, watch_clock& clock);

	// Errors: fault::refused; an empty recording is none.
	result<void> open(std::string const& path, double speed);

	// take: for each datagram, when its time has come. done: once, at the end or at the first error.
	void start(std::function<void(recorded_datagram const&)> take, std::function<void(result<void>)> done);
	void stop();

private:
	void play();

	watch_clock& m_clock;
	boost::asio::steady_timer m_timer;
	std::optional<recording_reader> m_reader;
	std::optional<recorded_datagram> m_next;
	std::function<void(recorded_datagram const&)> m_take;
	std::function<void(result<void>)> m_done;
	bool m_stopped = false;
};

} // namespace rawswarm
