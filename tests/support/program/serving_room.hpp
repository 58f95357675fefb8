// SPDX-License-Identifier: BSD-3-Clause
// The seeder and the tracker of a room's server, in a thread of the test, on loopback: what `serve` has
// besides its folder, its jobs and its page.
//
// Members may be called from the thread that made it.
#pragma once

#include "agent/http_server/http_server.hpp"
#include "agent/room/room.hpp"
#include "agent/serve/image_seeder.hpp"
#include "agent/tracker/tracker.hpp"
#include "tests/support/program/prepared_image.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm::test
{

struct serving_room_options
{
	std::chrono::seconds idle{300};
	std::chrono::seconds fetch_timeout{600};
	std::chrono::seconds device_timeout{60};
	std::int64_t memory = 32 * 1024 * 1024;
	std::int64_t upload_limit = 0;
	bool is_told = true; // by its tracker: clients hear of the seeder
	std::uint16_t port = 0; // of the seeder; 0: a free one
};

// An image as a room's folder would have it.
room_image image_of(std::string name, prepared_image const& image);

class serving_room
{
public:
	explicit serving_room(std::vector<room_image> const& images, serving_room_options const& options = {});
	~serving_room();
	serving_room(serving_room const&) = delete;
	serving_room& operator=(serving_room const&) = delete;

	std::uint16_t port() const { return m_port; } // of the seeder
	std::string announce_url() const;

	void set_images(std::vector<room_image> images);
	bool want(std::string const& info_hash);
	void fetch(std::string const& name, std::string const& torrent, std::string const& destination);
	void cancel_fetch(std::string const& name);

	// Of one image; of an image that is not there one without a name.
	image_status status(std::string const& name);
	std::vector<std::string> info_hashes();
	storage_progress storage();
	std::optional<std::string> listen_failure();
	tracker_counts counts();

	// Waits until the status is as the test wants it; false after the timeout.
	bool wait_until(std::string const& name, std::function<bool(image_status const&)> const& is_so,
		std::chrono::milliseconds timeout = std::chrono::seconds(20));
	bool wait_until(std::string const& name, image_activity activity);

	// How a fetch ended, as a text: "" if it succeeded. Empty after the timeout.
	std::optional<std::string> fetched(
		std::string const& name, std::chrono::milliseconds timeout = std::chrono::seconds(20));

private:
	template <class F>
	auto call(F f);
	http_reply answer(http_question const& q);

	boost::asio::io_context m_ios{1};
	std::uint16_t m_port;
	std::uint16_t m_http_port = 0;
	std::optional<image_seeder> m_seeder;
	tracker m_tracker;
	std::optional<http_server> m_server;
	std::map<std::string, std::string> m_fetched; // by name
	std::optional<std::string> m_listen_failure;
	std::thread m_thread;
};

} // namespace rawswarm::test
