// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/capture_receiver.hpp"

#include "tests/support/network/free_port.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <utility>

namespace rawswarm::test
{

namespace
{

image_seeder_options at_port(std::uint16_t const port)
{
	image_seeder_options options;
	options.swarm.listen = {{{boost::asio::ip::address_v4::loopback(), {}}, port}};
	options.swarm.lsd = false;
	options.storage.memory = std::int64_t(32) << 20;
	return options;
}

} // namespace

receiver_ports receiver_ports::any()
{
	return {free_port(), free_port()};
}

capture_receiver::capture_receiver(
	std::string const& images, receiver_ports const& ports, std::chrono::seconds const silence)
	: m_seeder(m_ios, at_port(ports.peers))
{
	EXPECT_TRUE(clean_up_captures(images));
	EXPECT_TRUE(m_seeder.start());
	capture_intake::environment env{m_ios, m_pool, images, {}, {}, {}, silence};
	env.fetch = [this](std::string name, std::string torrent, std::string destination,
					capture_intake::done_handler on_done) {
		m_seeder.fetch(std::move(name), std::move(torrent), std::move(destination), std::move(on_done));
	};
	env.cancel = [this](std::string const& name) { m_seeder.cancel_fetch(name); };
	env.captured = [](std::string const&) {};
	m_intake.emplace(std::move(env));
	m_thread = std::thread([this] { m_ios.run(); });
	m_server.emplace([this](http_request const& request) { return answer(request); }, ports.http);
}

capture_receiver::~capture_receiver()
{
	m_server.reset();
	m_ios.stop();
	m_thread.join();
	m_intake.reset();
}

std::size_t capture_receiver::posts() const
{
	auto const requests = m_server->requests();
	return static_cast<std::size_t>(std::ranges::count(requests, "POST",
		[](http_request const& request) { return std::string(request.method_string()); }));
}

// The target is /capture/NAME: the token is the name.
reply capture_receiver::answer(http_request const& request)
{
	std::string const target(request.target());
	auto const name = target.substr(target.rfind('/') + 1);
	std::promise<intake_answer> answered;
	boost::asio::post(m_ios, [&] {
		answered.set_value(request.method() == boost::beast::http::verb::post
				? m_intake->take(name, name, request.body())
				: m_intake->tell(name, name));
	});
	auto const answer = answered.get_future().get();
	return {fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n{}", answer.status, answer.text.size(),
		answer.text)};
}

} // namespace rawswarm::test
