// SPDX-License-Identifier: BSD-3-Clause
// Reads the signals of a job, which come as one byte each: the number.
//
// Used by the thread of the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace rawswarm
{

class job_signals
{
public:
	// descriptor: a pipe or a socket, which stays the caller's.
	job_signals(boost::asio::io_context& ios, int descriptor, std::function<void(int signal)> on_signal);

	// From now on on_signal is called for each. Called once.
	void start();

private:
	boost::asio::posix::stream_descriptor m_descriptor;
	std::function<void(int)> m_on_signal;
	char m_signal = 0; // that was read last
};

} // namespace rawswarm
