// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/server.hpp"

#include "agent/log/log.hpp"
#include "agent/room/room_file.hpp"
#include "agent/serve/beacon_room.hpp"
#include "agent/serve/capture_intake.hpp"
#include "agent/serve/dhcp_service.hpp"
#include "agent/serve/image_seeder.hpp"
#include "agent/serve/machine_routes.hpp"
#include "agent/serve/order_token.hpp"
#include "agent/serve/room_api.hpp"
#include "agent/serve/room_http.hpp"
#include "agent/serve/room_requests.hpp"
#include "agent/serve/room_watch.hpp"
#include "agent/serve/serve_control.hpp"
#include "agent/tracker/tracker.hpp"
#include "agent/watch/page_answers.hpp"
#include "base/descriptor_limit.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include <csignal>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;

constexpr std::chrono::seconds tick_interval{1}; // room_history counts on it
constexpr std::chrono::milliseconds last_words{200}; // for answers that are under way

spdlog::logger& logger()
{
	return log::get(log::component::agent);
}

image_seeder_options seeder_options(serve_options const& options, room_description const& room)
{
	image_seeder_options out;
	out.swarm.listen = options.seed_listen;
	out.storage.memory = options.memory;
	out.room_key = room.swarm_key.value_or("");
	return out;
}

std::vector<room_image> good_images(room_description const& room)
{
	std::vector<room_image> images;
	for (auto const& [name, image] : room.images)
	{
		if (image.error.empty())
		{
			images.push_back(image);
		}
	}
	return images;
}

class room_server
{
public:
	// before: of the folder, before the book was read from it.
	room_server(serve_options const& options, std::unique_ptr<room_book> book, std::string token,
		room_watch::stamps before);

	result<void> open();
	result<int> run();

private:
	result<int> end_of(result<void> const& saved) const;
	void tell_start() const;
	void take_room();
	void on_read(result<room_description> read);
	void on_change();
	void on_captured(std::string const& token);
	void tick();
	void note(error const& e);
	void stop(int code);
	std::vector<std::string> open_images() const;

	serve_options const& m_options;
	std::string m_token;
	room_watch::stamps m_before;
	asio::io_context m_ios{1};
	std::unique_ptr<room_book> m_book;
	asio::signal_set m_signals{m_ios};
	asio::thread_pool m_blocking{1}; // of captures; outlives all that waits for work in it
	tracker m_tracker;
	image_seeder m_seeder;
	capture_intake m_captures;
	beacon_room m_beacons;
	page_answers m_page;
	machine_routes m_machines;
	room_requests m_requests;
	room_api m_orders;
	room_http m_http;
	serve_control m_control;
	room_watch m_watch;
	std::unique_ptr<dhcp_service> m_dhcp; // none: DHCP is somebody else's
	repeating_timer m_tick;
	std::optional<int> m_code;
	std::optional<error> m_fault;
	std::set<std::string> m_troubles; // of images, which are told once
	std::string m_said; // the last trouble with the disk, which is told once
	bool m_changed = false; // since the last tick
};

room_server::room_server(serve_options const& options, std::unique_ptr<room_book> book, std::string token,
	room_watch::stamps before)
	: m_options(options)
	, m_token(std::move(token))
	, m_before(std::move(before))
	, m_book(std::move(book))
	, m_seeder(m_ios, seeder_options(options, m_book->room()))
	, m_captures({.ios = m_ios,
		  .blocking = m_blocking,
		  .folder = options.folder + "/images",
		  .fetch =
			  [this](std::string const& name, std::string torrent, std::string destination,
				  capture_intake::done_handler on_done) {
				  m_seeder.fetch(name, std::move(torrent), std::move(destination), std::move(on_done));
			  },
		  .cancel = [this](std::string const& name) { m_seeder.cancel_fetch(name); },
		  .captured = [this](std::string const& arrived) { on_captured(arrived); }})
	, m_beacons(m_ios, *m_book)
	, m_page(m_beacons.history(), m_beacons.facts())
	, m_machines(*m_book, [this](std::string const& info_hash) { m_seeder.want(info_hash); })
	, m_requests(
		  {.book = *m_book, .heard = [this](std::string_view const mac) { return m_beacons.heard(mac); }})
	, m_orders(m_requests, m_token)
	, m_http({.ios = m_ios,
				 .book = *m_book,
				 .machines = m_machines,
				 .torrents = m_tracker,
				 .captures = m_captures,
				 .orders = m_orders,
				 .page = m_page},
		  options.http_names)
	, m_control({.ios = m_ios,
		  .requests = m_requests,
		  .open_images = [this] { return open_images(); },
		  .stop = [this] { stop(0); }})
	, m_watch(
		  m_ios, options.folder, [this]() -> room_description const& { return m_book->room(); },
		  [this](result<room_description> read) { on_read(std::move(read)); })
	, m_tick(m_ios, tick_interval, [this] { tick(); })
{}

result<void> room_server::open()
{
	BOOST_OUTCOME_TRYV(m_machines.open());
	BOOST_OUTCOME_TRYV(clean_up_captures(m_options.folder + "/images"));
	BOOST_OUTCOME_TRYV(m_http.listen(m_options.listen));
	BOOST_OUTCOME_TRYV(m_beacons.listen(m_options.beacons));
	BOOST_OUTCOME_TRYV(m_control.listen(m_options.socket));

	auto const seed_port = m_options.seed_listen.front().port;
	m_machines.set_ports({.http = m_http.port(), .seed = seed_port, .beacons = m_beacons.port()});
	m_tracker.set_own_port(seed_port);
	m_tracker.on_wanted = [this](std::string const& info_hash) { return m_seeder.want(info_hash); };
	m_seeder.on_known = [this] { m_tracker.set_known(m_seeder.info_hashes()); };
	m_seeder.on_listen_failure = [this](error const& e) { note(e); };
	BOOST_OUTCOME_TRYV(m_seeder.start());
	take_room();
	m_book->on_change = [this] { on_change(); };
	if (m_options.dnsmasq != dnsmasq_mode::none)
	{
		BOOST_OUTCOME_TRY(service,
			dhcp_service::start(
				m_ios, *m_book, m_options, m_http.port(), [this](error const& e) { note(e); }));
		m_dhcp = std::move(service);
	}
	return success();
}

result<int> room_server::run()
{
	boost::system::error_code ec;
	m_signals.add(SIGINT, ec);
	if (!ec)
	{
		m_signals.add(SIGTERM, ec);
	}
	if (ec)
	{
		return fail(fault::internal, ec, "waiting for signals");
	}
	m_signals.async_wait([this](boost::system::error_code const& failed, int const number) {
		if (!failed)
		{
			stop(128 + number);
		}
	});
	m_beacons.start();
	m_watch.start(std::move(m_before));
	m_tick.start();
	tell_start();
	if (m_options.on_listening)
	{
		m_options.on_listening(m_http.port(), m_beacons.port());
	}
	m_ios.run();
	m_dhcp.reset();
	auto ended = end_of(m_book->flush());
	m_control.end(ended ? ended.value() : static_cast<int>(ended.error().kind));
	m_ios.restart();
	m_ios.run_for(last_words);
	return ended;
}

// What the program ends with, once the last of what is known is written, or is not.
result<int> room_server::end_of(result<void> const& saved) const
{
	if (m_fault)
	{
		return *m_fault;
	}
	BOOST_OUTCOME_TRYV(saved);
	return m_code.value_or(static_cast<int>(fault::internal));
}

void room_server::tell_start() const
{
	auto const& room = m_book->room();
	logger().info("room {}: {} machines, {} images, at port {}", room.name, room.machines.size(),
		room.images.size(), m_http.port());
	logger().info("orders from other machines need the token {}", m_token);
}

// The room is another one, or the first.
void room_server::take_room()
{
	auto const& room = m_book->room();
	std::set<std::string> troubles;
	for (auto const& [name, image] : room.images)
	{
		if (!image.error.empty() && troubles.insert(image.error).second && !m_troubles.contains(image.error))
		{
			logger().error("image {}: {}", name, image.error);
		}
	}
	m_troubles = std::move(troubles);
	m_seeder.set_images(good_images(room));
	m_tracker.set_known(m_seeder.info_hashes());
	m_beacons.on_room_change();
}

void room_server::on_read(result<room_description> read)
{
	if (!read)
	{
		if (m_book->room_error() != read.error().text)
		{
			logger().error("{}; the room stays what it was", read.error().text);
			m_book->note_room_error(read.error().text);
		}
		else
		{
			logger().debug("the room is as wrong as before");
		}
		return;
	}
	if (read.value().swarm_key != m_book->room().swarm_key)
	{
		logger().warn("swarm_key_file has another key: it counts once serve starts again");
	}
	m_book->take(std::move(read).value());
	logger().info("the room was read again: {} machines, {} images", m_book->room().machines.size(),
		m_book->room().images.size());
	take_room();
}

void room_server::on_change()
{
	m_changed = true;
	m_orders.forget_list();
	m_beacons.on_order();
}

void room_server::on_captured(std::string const& token)
{
	auto const done = m_book->captured(token);
	if (done)
	{
		logger().info("{}", done.value());
	}
	else
	{
		logger().error("{}", done.error().text);
	}
	m_watch.read_again();
}

void room_server::tick()
{
	m_beacons.tick();
	m_page.update();
	m_http.wake();
	result<void> done = m_book->flush();
	if (done && m_dhcp && std::exchange(m_changed, false))
	{
		done = m_dhcp->update();
		m_changed = !done;
	}
	auto const trouble = done ? std::string() : done.error().text;
	if (!trouble.empty() && trouble != m_said)
	{
		logger().error("{}; trying again each second", trouble);
	}
	m_said = trouble;
	log::tell_repeats_that_are_due();
}

// What the server cannot be without.
void room_server::note(error const& e)
{
	if (!m_fault)
	{
		m_fault = e;
		m_ios.stop();
	}
}

void room_server::stop(int const code)
{
	if (!m_code)
	{
		m_code = code;
		m_ios.stop();
	}
}

std::vector<std::string> room_server::open_images() const
{
	std::vector<std::string> names;
	for (auto const& image : m_seeder.status())
	{
		if (image.activity == image_activity::serving)
		{
			names.push_back(image.name);
		}
	}
	return names;
}

} // namespace

result<int> serve(serve_options const& options)
{
	raise_descriptor_limit(); // a connection has one, and another for the file that it gets
	auto before = room_watch::before_reading(options.folder);
	BOOST_OUTCOME_TRY(book, room_book::open(options.folder));
	BOOST_OUTCOME_TRY(token, open_order_token(options.folder + "/state/token"));
	try
	{
		room_server server(options, std::move(book), std::move(token), std::move(before));
		BOOST_OUTCOME_TRYV(server.open());
		return server.run();
	}
	catch (boost::system::system_error const& e)
	{
		return fail(fault::internal, e.code(), "serving {}", options.folder);
	}
}

result<std::string> check_room_folder(std::string const& folder)
{
	BOOST_OUTCOME_TRY(room, read_room(folder));
	for (auto const& [name, image] : room.images)
	{
		if (!image.error.empty())
		{
			return fail(fault::refused, "image {}: {}", name, image.error);
		}
	}
	return fmt::format("room {}: {} machines, {} groups, {} images", room.name, room.machines.size(),
		room.groups.size(), room.images.size());
}

} // namespace rawswarm
