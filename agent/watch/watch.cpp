// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/watch.hpp"

#include "agent/beacon/beacon_mac.hpp"
#include "agent/log/log.hpp"
#include "agent/watch/beacon_desk.hpp"
#include "agent/watch/beacon_socket.hpp"
#include "agent/watch/display.hpp"
#include "agent/watch/line_display.hpp"
#include "agent/watch/recording.hpp"
#include "agent/watch/replay.hpp"
#include "agent/watch/room_publisher.hpp"
#include "agent/watch/table_display.hpp"
#include "agent/watch/watch_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds tick_interval{250}; // silence and the time limit are in seconds
constexpr std::chrono::milliseconds last_words{200}; // for the last event to leave

class watcher
{
public:
	watcher(watch_options const& options, std::optional<std::string> key);

	result<void> open();
	result<int> run();

private:
	void add_displays();
	void start_source();
	taken_beacon handle(std::string_view from, std::string_view datagram, fleet_clock::time_point at);
	void look_for_silence(fleet_clock::time_point now);
	void tick();
	void check_end(bool time_is_up);
	void end_of_time();
	void show_end();
	void say_ignored() const;
	void stop(int code);
	void note(result<void> const& shown);

	template <class Call>
	void for_displays(Call&& call)
	{
		for (auto const& display : m_displays)
		{
			note(call(*display));
		}
	}

	watch_options const& m_options;
	watch_clock m_clock;
	beacon_desk m_desk;
	watched_room m_room;
	asio::io_context m_ios{1};
	beacon_socket m_socket{m_ios};
	replay m_replay{m_ios, m_clock};
	std::optional<recorder> m_recorder;
	asio::signal_set m_signals{m_ios};
	asio::steady_timer m_timer{m_ios};
	room_publisher m_publisher;
	std::vector<std::unique_ptr<watch_display>> m_displays;
	fleet_clock::time_point m_started{};
	fleet_clock::time_point m_looked{}; // for silent agents
	std::optional<int> m_code;
	std::optional<error> m_fault;
	bool m_ended = false; // it may be that the wait is over
};

watcher::watcher(watch_options const& options, std::optional<std::string> key)
	: m_options(options)
	, m_desk(std::move(key), options.replay.empty() ? beacon_time::now : beacon_time::any,
		  fleet_settings{.silence = options.silence})
	, m_room{m_desk.machines(), m_desk.counts(), m_clock, options.expect}
	, m_publisher(m_ios, options.publish, options.expect)
{}

result<void> watcher::open()
{
	if (!m_options.record.empty())
	{
		BOOST_OUTCOME_TRY(opened, recorder::open(m_options.record));
		m_recorder.emplace(std::move(opened));
	}
	BOOST_OUTCOME_TRYV(m_options.replay.empty()
			? m_socket.listen(m_options.listen, m_options.groups, m_options.every_group)
			: m_replay.open(m_options.replay, m_options.speed));
	return m_publisher.open();
}

void watcher::add_displays()
{
	auto* const out = m_options.out == nullptr ? stdout : m_options.out;
	if (m_options.json)
	{
		m_displays.push_back(std::make_unique<json_display>(m_room, out));
	}
	else if (!m_options.plain && table_display::fits(out))
	{
		m_displays.push_back(std::make_unique<table_display>(m_ios, m_room, out, [this](int const signal) {
			if (signal == 0)
			{
				end_of_time();
			}
			else
			{
				stop(128 + signal);
			}
		}));
	}
	else
	{
		m_displays.push_back(std::make_unique<line_display>(m_room, out));
	}
}

result<int> watcher::run()
{
	error_code ec;
	m_signals.add(SIGINT, ec);
	if (!ec)
	{
		m_signals.add(SIGTERM, ec);
	}
	if (ec)
	{
		return fail(fault::internal, ec, "waiting for signals");
	}
	m_signals.async_wait([this](error_code const& failed, int number) {
		if (!failed)
		{
			stop(128 + number);
		}
	});
	m_started = m_looked = m_clock.now();
	add_displays();
	start_source();
	tick();
	if (m_options.on_listening)
	{
		m_options.on_listening(m_socket.port());
	}
	m_ios.run();
	show_end();
	if (!m_fault)
	{
		for_displays([](watch_display& d) { return d.finish(); });
		say_ignored();
	}
	if (m_fault)
	{
		return *m_fault;
	}
	return m_code.value_or(static_cast<int>(fault::internal));
}

void watcher::start_source()
{
	if (m_options.replay.empty())
	{
		m_socket.start(
			[this](auto const& from, std::string_view datagram) {
				auto const taken = handle(format_endpoint(from), datagram, m_clock.now());
				if (!taken.question.empty())
				{
					m_socket.send(from, taken.question);
				}
				return taken.was_parsed;
			},
			[this] {
				if (std::exchange(m_ended, false))
				{
					check_end(false);
				}
			});
		return;
	}
	m_replay.start(
		[this](recorded_datagram const& d) {
			auto const at = m_clock.at(d.elapsed);
			if (at - m_looked >= tick_interval)
			{
				look_for_silence(at);
			}
			handle(d.from, d.datagram, at);
			if (std::exchange(m_ended, false))
			{
				check_end(false);
			}
		},
		[this](result<void> const& played) {
			note(played);
			end_of_time();
		});
}

taken_beacon watcher::handle(std::string_view from, std::string_view datagram, fleet_clock::time_point at)
{
	auto taken = m_desk.take(from, datagram, at);
	if (taken.is_beacon && m_recorder)
	{
		m_recorder->add(from, datagram);
	}
	auto const& answer = taken.answer;
	if (!answer.accepted)
	{
		return taken;
	}
	m_publisher.heard(*answer.agent, at);
	for_displays([&](watch_display& d) { return d.show_beacon({from, datagram, answer}); });
	m_ended = m_ended || (answer.news != fleet_news::none && answer.news != fleet_news::progressed);
	return taken;
}

void watcher::look_for_silence(fleet_clock::time_point const now)
{
	m_looked = now;
	for (auto const* agent : m_desk.machines().find_silent(now))
	{
		for_displays([&](watch_display& d) { return d.show_silent(*agent); });
	}
}

void watcher::tick()
{
	auto const now = m_clock.now();
	look_for_silence(now);
	for_displays([](watch_display& d) { return d.tick(); });
	m_publisher.tick(m_desk.counts(), m_desk.machines(), now);
	log::tell_repeats_that_are_due();
	bool const limited = m_options.timeout > std::chrono::seconds(0);
	check_end(limited && now - m_started >= m_options.timeout);
	if (m_code || m_fault)
	{
		return;
	}
	m_timer.expires_after(tick_interval);
	m_timer.async_wait([this](error_code const& ec) {
		if (!ec)
		{
			tick();
		}
	});
}

void watcher::check_end(bool time_is_up)
{
	if (m_options.expect <= 0)
	{
		return;
	}
	if (auto const code = wait_is_over(m_desk.machines().summary(), m_options.expect, time_is_up))
	{
		stop(*code);
	}
}

void watcher::end_of_time()
{
	check_end(true);
	stop(0);
}

// Whoever has the page open sees how it ended.
void watcher::show_end()
{
	m_publisher.finish(m_desk.counts(), m_desk.machines(), m_clock.now());
	if (m_options.publish.http)
	{
		m_timer.cancel();
		m_signals.cancel();
		m_ios.restart();
		m_ios.run_for(last_words);
	}
}

void watcher::say_ignored() const
{
	auto& logger = log::get(log::component::beacon);
	auto const& n = m_desk.counts();
	if (n.malformed + n.unsigned_ones > 0)
	{
		logger.info("ignored: {} datagrams that are no beacon, {} not signed with the key", n.malformed,
			n.unsigned_ones);
	}
	logger.debug("ignored: {} signed beacons that had not answered yet", n.unproven);
	logger.debug("ignored: {} old beacons or agents without room", n.outdated);
}

void watcher::note(result<void> const& shown)
{
	if (!shown && !m_fault)
	{
		m_fault = shown.error();
		m_socket.stop();
		m_replay.stop();
		m_ios.stop();
	}
}

void watcher::stop(int code)
{
	if (!m_code)
	{
		m_code = code;
		m_socket.stop();
		m_replay.stop();
		m_ios.stop();
	}
}

} // namespace

result<int> watch(watch_options const& options)
{
	std::optional<std::string> key;
	if (!options.key_file.empty())
	{
		BOOST_OUTCOME_TRY(bytes, read_beacon_key(options.key_file));
		key = std::move(bytes);
	}
	try
	{
		watcher w(options, std::move(key));
		BOOST_OUTCOME_TRYV(w.open());
		return w.run();
	}
	catch (boost::system::system_error const& e)
	{
		return fail(fault::internal, e.code(), "watching for beacons");
	}
}

} // namespace rawswarm
