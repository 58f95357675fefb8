// SPDX-License-Identifier: BSD-3-Clause
#include "agent/watch/beacon_socket.hpp"

#include "agent/beacon/multicast.hpp"
#include "agent/log/log.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <cerrno>
#include <chrono>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
using udp = asio::ip::udp;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

constexpr int receive_buffer_bytes =
	1024 * 1024; // one second of beacons of 700 machines; the kernel may give less
// 3,000 beacons of one target, half as many again as 2,000 agents send; parsing takes as long as they are.
// Measured by `toolchain/dev bench watch`: it is within a tenth of a core.
constexpr std::int64_t bytes_per_second = 2'100'000;
constexpr std::chrono::milliseconds pause_for_budget{25};
// 2,000 agents send every half a millisecond, and to wake up for each costs as much as to read it. Short
// against what a person sees, and the kernel holds what comes meanwhile: 20 beacons, of the 200 that it
// always has room for.
constexpr std::chrono::milliseconds pause_to_gather{10};
constexpr int batch_size = 64; // datagrams between two looks at signals and timers

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

} // namespace

beacon_socket::beacon_socket(asio::io_context& ios)
	: m_socket(ios)
	, m_pause(ios)
	, m_budget(bytes_per_second, clock::now())
{}

beacon_socket::~beacon_socket()
{
	leave_reactor();
}

result<void> beacon_socket::listen(
	endpoint const& wanted, std::vector<scoped_address> const& groups, bool const every_group)
{
	auto where = to_udp(wanted);
	error_code ec;
	m_socket.open(where.protocol(), ec);
	if (ec == asio::error::address_family_not_supported && where.address() == asio::ip::address_v6::any())
	{
		where.address(asio::ip::address_v4::any());
		m_socket.open(where.protocol(), ec);
	}
	if (!ec)
	{
		m_socket.non_blocking(true, ec);
	}
	if (ec)
	{
		return fail(fault::network, ec, "opening a socket for {}", to_string(wanted));
	}
	error_code ignored;
	m_socket.set_option(udp::socket::reuse_address(true), ignored); // several watchers on one machine
	m_socket.set_option(udp::socket::receive_buffer_size(receive_buffer_bytes), ignored);
	// Root may have more than net.core.rmem_max, which is 200 beacons on most systems.
	::setsockopt(m_socket.native_handle(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer_bytes,
		sizeof(receive_buffer_bytes));
	m_protocol = where.protocol();
	if (m_protocol == udp::v6())
	{
		m_socket.set_option(asio::ip::v6_only(false), ignored);
	}
	m_socket.bind(where, ec);
	if (ec)
	{
		return fail(fault::network, ec, "listening on {}", to_string(wanted));
	}
	m_fd = unique_fd(m_socket.native_handle());
	m_port = m_socket.local_endpoint(ec).port();
	join_all(groups, every_group);
	return success();
}

void beacon_socket::join_all(std::vector<scoped_address> const& groups, bool const every_group)
{
	auto& logger = log::get(log::component::beacon);
	bool joined = groups.empty();
	for (auto const& group : groups)
	{
		bool const done = join(to_asio(group), every_group);
		joined = joined || done;
		if (!done && every_group)
		{
			logger.warn("joining {} on any interface: Network is unreachable", to_string(group));
		}
	}
	if (!joined && !every_group)
	{
		logger.warn(
			"no network takes multicast: only beacons arrive that are sent to this machine's address");
	}
}

bool beacon_socket::join(asio::ip::address const& group, bool const every_group)
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
			auto const level = every_group ? spdlog::level::warn : spdlog::level::debug;
			log::get(log::component::beacon)
				.log(level, "joining {} on {}: {}", group.to_string(), i.name, ec.message());
		}
	}
	return joined;
}

void beacon_socket::start(on_datagram take, std::function<void()> batch_done)
{
	m_take = std::move(take);
	m_batch_done = std::move(batch_done);
	wait();
}

void beacon_socket::send(udp::endpoint const& to, std::string_view const datagram)
{
	auto where = to;
	error_code ec;
	if (to.address().is_v4() && m_protocol == udp::v6())
	{
		where.address(asio::ip::make_address_v6(asio::ip::v4_mapped, to.address().to_v4()));
	}
	m_socket.send_to(asio::buffer(datagram), where, 0, ec);
	if (ec)
	{
		log::get(log::component::beacon)
			.debug("asking {} whether its beacons are of now: {}", format_endpoint(to), ec.message());
	}
}

void beacon_socket::stop()
{
	m_stopped = true;
	error_code ignored;
	m_socket.cancel(ignored);
	m_pause.cancel();
}

void beacon_socket::wait()
{
	m_socket.async_wait(udp::socket::wait_read, [this](error_code const& ec) {
		if (m_stopped || ec == asio::error::operation_aborted)
		{
			return;
		}
		auto const read = read_batch();
		m_batch_done();
		if (m_stopped)
		{
			return;
		}
		switch (read)
		{
		case batch::full: wait(); break;
		case batch::last: pause(pause_to_gather); break;
		case batch::over_budget: pause(pause_for_budget); break;
		}
	});
}

void beacon_socket::pause(std::chrono::milliseconds const time)
{
	leave_reactor();
	m_pause.expires_after(time);
	m_pause.async_wait([this](error_code const& ec) {
		if (m_stopped || ec)
		{
			return;
		}
		if (join_reactor())
		{
			wait();
		}
		else
		{
			pause(pause_for_budget);
		}
	});
}

// asio has the kernel tell of each datagram as long as the socket is open, whether or not anyone waits for
// it.
void beacon_socket::leave_reactor()
{
	error_code ignored;
	if (m_fd && m_socket.is_open())
	{
		m_socket.release(ignored);
	}
}

// False: the kernel has no memory for it now.
bool beacon_socket::join_reactor()
{
	error_code ec;
	m_socket.assign(m_protocol, m_fd.get(), ec);
	if (!ec)
	{
		m_socket.non_blocking(true, ec);
	}
	return !ec;
}

beacon_socket::batch beacon_socket::read_batch()
{
	udp::endpoint from;
	for (int i = 0; i < batch_size && !m_stopped; ++i)
	{
		if (!m_budget.may_read(clock::now()))
		{
			return batch::over_budget;
		}
		error_code ec;
		auto const n = m_socket.receive_from(asio::buffer(m_datagram), from, 0, ec);
		if (ec == asio::error::would_block || ec == asio::error::try_again)
		{
			return batch::last;
		}
		// Other errors belong to one datagram or interface, not to the socket.
		bool is_parsed = false;
		if (!ec)
		{
			from.address(without_mapping(from.address()));
			is_parsed = m_take(from, {m_datagram.data(), n});
		}
		auto const cost = is_parsed ? receive_budget::parsed_cost : receive_budget::refused_cost;
		m_budget.spend(cost * static_cast<std::int64_t>(n));
	}
	return batch::full;
}

} // namespace rawswarm
