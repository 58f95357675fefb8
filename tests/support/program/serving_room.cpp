// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/serving_room.hpp"

#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using boost::asio::ip::address_v4;

endpoint on_loopback(std::uint16_t const port)
{
	return {{address_v4::loopback(), {}}, port};
}

} // namespace

room_image image_of(std::string name, prepared_image const& image)
{
	room_image i;
	i.name = std::move(name);
	i.torrent = image.torrent_path;
	i.source = image.source_path;
	i.info_hash = image.torrent.info_hash;
	return i;
}

serving_room::serving_room(std::vector<room_image> const& images, serving_room_options const& options)
	: m_port(options.port == 0 ? free_port() : options.port)
{
	image_seeder_options seeding;
	seeding.swarm.listen = {on_loopback(m_port)};
	seeding.swarm.lsd = false;
	seeding.swarm.upload_limit = options.upload_limit;
	seeding.storage.memory = options.memory;
	seeding.storage.device_timeout = options.device_timeout;
	seeding.idle = options.idle;
	seeding.fetch_timeout = options.fetch_timeout;
	m_seeder.emplace(m_ios, std::move(seeding));
	m_seeder->on_known = [this] { m_tracker.set_known(m_seeder->info_hashes()); };
	m_seeder->on_listen_failure = [this](error const& e) { m_listen_failure = e.text; };
	m_tracker.on_wanted = [this](std::string const& info_hash) { return m_seeder->want(info_hash); };
	m_tracker.set_own_port(options.is_told ? m_port : 0);
	m_server.emplace(m_ios, http_server_options{}, [this](http_question const& q) { return answer(q); });
	if (auto const r = m_server->listen(on_loopback(0)); !r)
	{
		throw std::runtime_error(r.error().text);
	}
	m_http_port = m_server->bound().port();
	if (auto const r = m_seeder->start(); !r)
	{
		throw std::runtime_error(r.error().text);
	}
	m_seeder->set_images(images);
	m_thread = std::thread([this] {
		auto const guard = boost::asio::make_work_guard(m_ios);
		m_ios.run();
	});
	wait_for_listener(m_port, 10s);
}

serving_room::~serving_room()
{
	m_ios.stop();
	m_thread.join();
	m_server.reset();
	m_seeder.reset();
}

std::string serving_room::announce_url() const
{
	return fmt::format("http://127.0.0.1:{}/announce", m_http_port);
}

http_reply serving_room::answer(http_question const& q)
{
	auto const now = tracker::clock::now();
	http_reply r;
	r.body = std::make_shared<std::string const>(q.path == "/scrape"
			? m_tracker.scrape(q.query, now)
			: m_tracker.announce(q.query, q.peer, q.local, now));
	return r;
}

// f() in the thread of the io_context; waits for what it returns.
template <class F>
auto serving_room::call(F f)
{
	std::packaged_task<decltype(f())()> task(std::move(f));
	auto result = task.get_future();
	boost::asio::post(m_ios, [&task] { task(); });
	return result.get();
}

void serving_room::set_images(std::vector<room_image> images)
{
	call([&] { m_seeder->set_images(images); });
}

bool serving_room::want(std::string const& info_hash)
{
	return call([&] { return m_seeder->want(info_hash); });
}

void serving_room::fetch(std::string const& name, std::string const& torrent, std::string const& destination)
{
	call([&] {
		m_seeder->fetch(name, torrent, destination,
			[this, name](result<void> const& r) { m_fetched[name] = r ? std::string() : r.error().text; });
	});
}

void serving_room::cancel_fetch(std::string const& name)
{
	call([&] { m_seeder->cancel_fetch(name); });
}

image_status serving_room::status(std::string const& name)
{
	auto const all = call([&] { return m_seeder->status(); });
	for (auto const& s : all)
	{
		if (s.name == name)
		{
			return s;
		}
	}
	return {};
}

std::vector<std::string> serving_room::info_hashes()
{
	return call([&] { return m_seeder->info_hashes(); });
}

storage_progress serving_room::storage()
{
	return call([&] { return m_seeder->storage(); });
}

std::optional<std::string> serving_room::listen_failure()
{
	return call([&] { return m_listen_failure; });
}

tracker_counts serving_room::counts()
{
	return call([&] { return m_tracker.counts(tracker::clock::now()); });
}

bool serving_room::wait_until(std::string const& name, std::function<bool(image_status const&)> const& is_so,
	std::chrono::milliseconds const timeout)
{
	auto const deadline = std::chrono::steady_clock::now() + timeout;
	while (!is_so(status(name)))
	{
		if (std::chrono::steady_clock::now() >= deadline)
		{
			return false;
		}
		std::this_thread::sleep_for(10ms); // nothing reports it
	}
	return true;
}

bool serving_room::wait_until(std::string const& name, image_activity const activity)
{
	return wait_until(name, [activity](image_status const& s) { return s.activity == activity; });
}

std::optional<std::string> serving_room::fetched(
	std::string const& name, std::chrono::milliseconds const timeout)
{
	auto const deadline = std::chrono::steady_clock::now() + timeout;
	while (true)
	{
		auto const end = call([&]() -> std::optional<std::string> {
			auto const it = m_fetched.find(name);
			return it == m_fetched.end() ? std::nullopt : std::optional(it->second);
		});
		if (end || std::chrono::steady_clock::now() >= deadline)
		{
			return end;
		}
		std::this_thread::sleep_for(10ms); // nothing reports it
	}
}

} // namespace rawswarm::test
