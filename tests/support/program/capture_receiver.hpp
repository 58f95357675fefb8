// SPDX-License-Identifier: BSD-3-Clause
// The server's side of a capture, without the rest of `serve`: an HTTP server, the intake, and the seeder that
// fetches the image, on 127.0.0.1.
//
// Its members may be called from any thread.
#pragma once

#include "agent/serve/capture_intake.hpp"
#include "agent/serve/image_seeder.hpp"
#include "tests/support/network/loopback_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

namespace rawswarm::test
{

struct receiver_ports
{
	std::uint16_t http = 0;
	std::uint16_t peers = 0;

	// That are free now.
	static receiver_ports any();
};

class capture_receiver
{
public:
	// images: the folder that images come into. silence: capture_intake::environment::longest_silence.
	capture_receiver(std::string const& images, receiver_ports const& ports,
		std::chrono::seconds silence = std::chrono::seconds(60));
	~capture_receiver();
	capture_receiver(capture_receiver const&) = delete;
	capture_receiver& operator=(capture_receiver const&) = delete;

	// How many torrents were sent.
	std::size_t posts() const;

private:
	reply answer(http_request const& request);

	boost::asio::io_context m_ios{1};
	boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_work{m_ios.get_executor()};
	boost::asio::thread_pool m_pool{2};
	image_seeder m_seeder;
	std::optional<capture_intake> m_intake;
	std::thread m_thread;
	std::optional<loopback_server> m_server;
};

} // namespace rawswarm::test
