// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/watch.hpp"

#include "agent/beacon/beacon_format.hpp"
#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/multicast.hpp"
#include "agent/log/log.hpp"
#include "agent/watch/fleet.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
using udp = asio::ip::udp;
using boost::system::error_code;

constexpr std::chrono::milliseconds tick_interval{250}; // silence and the time limit are in seconds
constexpr int receive_buffer_bytes =
	1024 * 1024; // one second of beacons of 700 machines; the kernel may give less

std::string clock_text()
{
	auto const now = std::time(nullptr);
	std::tm local{};
	::localtime_r(&now, &local);
	return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

// asio takes a socket of IPv6 to have no groups of IPv4, which Linux lets it join.
error_code join_v4(
	udp::socket& socket, asio::ip::address_v4 const& group, asio::ip::address_v4 const& interface)
{
	ip_mreq request{};
	request.imr_multiaddr.s_addr = htonl(group.to_uint());
	request.imr_interface.s_addr = htonl(interface.to_uint());
	auto const failed =
		::setsockopt(socket.native_handle(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request));
	return failed == 0 ? error_code() : error_code(errno, boost::system::system_category());
}

// A socket for both families shows IPv4 senders as ::ffff:10.0.0.1.
asio::ip::address without_mapping(asio::ip::address const& a)
{
	return a.is_v6() && a.to_v6().is_v4_mapped()
		? asio::ip::address(asio::ip::make_address_v4(asio::ip::v4_mapped, a.to_v6()))
		: a;
}

std::error_code plain(error_code const& ec)
{
	return {ec.value(), std::system_category()};
}

class watcher
{
public:
	watcher(watch_options const& options, std::optional<std::string> key);

	result<void> listen();
	result<int> run();

private:
	void join_all();
	bool join(asio::ip::address const& group);
	void receive();
	void handle(std::string_view datagram);
	void tick();
	void print(std::string const& line);
	void check_end(bool time_is_up);
	void print_end();
	void stop(int code);

	watch_options const& m_options;
	std::optional<std::string> m_key;
	std::FILE* m_out;
	fleet m_fleet;
	asio::io_context m_ios{1};
	udp::socket m_socket{m_ios};
	asio::signal_set m_signals{m_ios};
	asio::steady_timer m_timer{m_ios};
	room_publisher m_publisher;
	// One byte more than a beacon may have, to recognize larger ones.
	std::array<char, max_beacon_bytes + 1> m_datagram{};
	udp::endpoint m_from;
	fleet_clock::time_point m_started = fleet_clock::now();
	std::optional<int> m_code;
	std::optional<error> m_fault;
	watch_counts m_counts;
	bool m_said_full = false;
};

watcher::watcher(watch_options const& options, std::optional<std::string> key)
	: m_options(options)
	, m_key(std::move(key))
	, m_out(options.out == nullptr ? stdout : options.out)
	, m_fleet(fleet_settings{.silence = options.silence})
	, m_publisher(m_ios, options.publish, options.expect)
{}

result<void> watcher::listen()
{
	auto where = to_udp(m_options.listen);
	error_code ec;
	m_socket.open(where.protocol(), ec);
	if (ec == asio::error::address_family_not_supported && where.address() == asio::ip::address_v6::any())
	{
		where.address(asio::ip::address_v4::any());
		m_socket.open(where.protocol(), ec);
	}
	if (ec)
	{
		return fail(fault::network, plain(ec), "opening a socket for {}", to_string(m_options.listen));
	}
	error_code ignored;
	m_socket.set_option(udp::socket::reuse_address(true), ignored); // several watchers on one machine
	m_socket.set_option(udp::socket::receive_buffer_size(receive_buffer_bytes), ignored);
	if (where.protocol() == udp::v6())
	{
		m_socket.set_option(asio::ip::v6_only(false), ignored);
	}
	m_socket.bind(where, ec);
	if (ec)
	{
		return fail(fault::network, plain(ec), "listening on {}", to_string(m_options.listen));
	}
	join_all();
	return m_publisher.open();
}

void watcher::join_all()
{
	auto& logger = log::get(log::component::beacon);
	bool joined = m_options.groups.empty();
	for (auto const& group : m_options.groups)
	{
		bool const done = join(to_asio(group));
		joined = joined || done;
		if (!done && m_options.every_group)
		{
			logger.warn("joining {} on any interface: Network is unreachable", to_string(group));
		}
	}
	if (!joined && !m_options.every_group)
	{
		logger.warn(
			"no network takes multicast: only beacons arrive that are sent to this machine's address");
	}
}

bool watcher::join(asio::ip::address const& group)
{
	bool joined = false;
	for (auto const& i : multicast_interfaces())
	{
		error_code ec;
		if (group.is_v4() && i.v4)
		{
			ec = join_v4(m_socket, group.to_v4(), *i.v4);
		}
		else if (group.is_v6() && i.has_v6)
		{
			m_socket.set_option(asio::ip::multicast::join_group(group.to_v6(), i.index), ec);
		}
		else
		{
			continue;
		}
		joined = joined || !ec;
		if (ec)
		{
			auto const level = m_options.every_group ? spdlog::level::warn : spdlog::level::debug;
			log::get(log::component::beacon)
				.log(level, "joining {} on {}: {}", group.to_string(), i.name, ec.message());
		}
	}
	return joined;
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
		return fail(fault::internal, plain(ec), "waiting for signals");
	}
	m_signals.async_wait([this](error_code const& failed, int number) {
		if (!failed)
		{
			stop(128 + number);
		}
	});
	receive();
	tick();
	auto const bound = m_socket.local_endpoint(ec);
	if (m_options.on_listening)
	{
		m_options.on_listening(bound.port());
	}
	m_ios.run();
	m_publisher.finish(m_counts, fleet_clock::now());
	if (!m_fault)
	{
		print_end();
	}
	if (m_fault)
	{
		return *m_fault;
	}
	return m_code.value_or(static_cast<int>(fault::internal));
}

void watcher::receive()
{
	m_socket.async_receive_from(
		asio::buffer(m_datagram), m_from, [this](error_code const& ec, std::size_t n) {
			if (m_code || m_fault || ec == asio::error::operation_aborted)
			{
				return;
			}
			// Other errors belong to one datagram or interface, not to the socket.
			if (!ec)
			{
				m_from.address(without_mapping(m_from.address()));
				handle({m_datagram.data(), n});
			}
			receive();
		});
}

void watcher::handle(std::string_view datagram)
{
	if (datagram.size() > max_beacon_bytes)
	{
		++m_counts.malformed;
		return;
	}
	if (m_key && !beacon_is_authentic(datagram, *m_key))
	{
		if (++m_counts.unsigned_ones == 1)
		{
			log::get(log::component::beacon)
				.warn("a beacon from {} is not signed with the key; such are "
					  "not shown",
					format_endpoint(m_from));
		}
		return;
	}
	auto beacon = decode_beacon(datagram);
	if (!beacon)
	{
		++m_counts.malformed;
		log::get(log::component::beacon).debug("from {}: {}", format_endpoint(m_from), beacon.error().text);
		return;
	}
	auto const now = fleet_clock::now();
	auto const answer = m_fleet.apply(std::move(beacon.value()), now);
	if (!answer.accepted)
	{
		++m_counts.outdated;
		if (m_fleet.is_full() && !m_said_full)
		{
			m_said_full = true;
			log::get(log::component::beacon)
				.warn("more than {} agents; further ones are not shown", m_fleet.size());
		}
		return;
	}
	++m_counts.accepted;
	m_publisher.heard(*answer.agent, now);
	if (m_options.json)
	{
		print(beacon_json_line(format_endpoint(m_from), datagram));
	}
	else if (answer.news != fleet_news::none)
	{
		print(fleet_line(clock_text(), answer.news, *answer.agent));
	}
	if (answer.news != fleet_news::none && answer.news != fleet_news::progressed)
	{
		check_end(false);
	}
}

void watcher::tick()
{
	auto const now = fleet_clock::now();
	for (auto const* agent : m_fleet.find_silent(now))
	{
		if (m_options.json)
		{
			log::get(log::component::beacon).warn("{}", fleet_line(clock_text(), fleet_news::silent, *agent));
		}
		else
		{
			print(fleet_line(clock_text(), fleet_news::silent, *agent));
		}
	}
	m_publisher.tick(m_counts, now);
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

void watcher::print(std::string const& line)
{
	bool const written = std::fputs((line + "\n").c_str(), m_out) >= 0 && std::fflush(m_out) == 0;
	if (!written && !m_fault)
	{
		m_fault = fail(fault::internal, system_error(errno), "printing beacons");
		m_ios.stop();
	}
}

void watcher::check_end(bool time_is_up)
{
	if (auto const code = wait_is_over(m_fleet.summary(), m_options.expect, time_is_up))
	{
		stop(*code);
	}
}

void watcher::print_end()
{
	auto& logger = log::get(log::component::beacon);
	auto const say = [&](std::string const& line) {
		if (m_options.json)
		{
			logger.info("{}", line);
		}
		else
		{
			print(line);
		}
	};
	for (auto const* agent : m_fleet.in_trouble())
	{
		auto const news = agent->silent ? fleet_news::silent : fleet_news::changed;
		say(fleet_line(agent->silent ? "silent  " : "failed  ", news, *agent));
	}
	auto const s = m_fleet.summary();
	auto const others = s.working + s.seeding;
	say(fmt::format("{} done, {} failed, {} silent, {} still at work{}", s.done, s.failed, s.silent, others,
		m_options.expect > 0 ? fmt::format(", {} expected", m_options.expect) : ""));
	if (m_counts.malformed + m_counts.unsigned_ones > 0)
	{
		logger.info("ignored: {} datagrams that are no beacon, {} not signed with the key",
			m_counts.malformed, m_counts.unsigned_ones);
	}
	logger.debug("ignored: {} old beacons or agents without room", m_counts.outdated);
}

void watcher::stop(int code)
{
	if (!m_code)
	{
		m_code = code;
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
		BOOST_OUTCOME_TRYV(w.listen());
		return w.run();
	}
	catch (boost::system::system_error const& e)
	{
		return fail(fault::internal, plain(e.code()), "watching for beacons");
	}
}

} // namespace rawswarm
