// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_sender.hpp"

#include "agent/beacon/beacon_mac.hpp"
#include "agent/beacon/beacon_question.hpp"
#include "agent/beacon/multicast.hpp"
#include "agent/log/log.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/socket_base.hpp>

#include <array>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;
using udp = asio::ip::udp;
using boost::system::error_code;

error_code open_socket(udp::socket& socket, udp const& family)
{
	error_code ec;
	socket.open(family, ec);
	if (!ec)
	{
		socket.non_blocking(true, ec);
	}
	if (ec)
	{
		return ec;
	}
	// A socket that refuses one of these options still sends to single addresses.
	error_code ignored;
	if (family == udp::v4())
	{
		socket.set_option(asio::socket_base::broadcast(true), ignored);
	}
	socket.set_option(asio::ip::multicast::hops(1), ignored);
	socket.set_option(asio::ip::multicast::enable_loopback(true), ignored);
	return {};
}

// The kernel's queue is full: no harm, as the next datagram is newer.
bool is_full(error_code const& ec)
{
	return ec == asio::error::would_block || ec == asio::error::try_again
		|| ec == asio::error::no_buffer_space;
}

// False if the interface has no address of that family.
bool choose_interface(udp::socket& socket, bool v4, multicast_interface const& i)
{
	error_code ec = asio::error::address_family_not_supported;
	if (v4 && i.v4)
	{
		socket.set_option(asio::ip::multicast::outbound_interface(*i.v4), ec);
	}
	else if (!v4 && i.has_v6)
	{
		socket.set_option(asio::ip::multicast::outbound_interface(i.index), ec);
	}
	return !ec;
}

// Between two beacons: a room has a few watchers, and who floods the socket does not hold up the work.
constexpr int questions_at_once = 32;

} // namespace

struct beacon_sender::impl
{
	struct destination
	{
		udp::endpoint to;
		bool refused = false; // logged already
	};

	impl(
		asio::io_context& ios, beacon_identity i, std::optional<std::string> k, std::optional<agent_number> n)
		: id(std::move(i))
		, key(std::move(k))
		, number(std::move(n))
		, v4(ios)
		, v6(ios)
	{}

	udp::socket& socket_for(udp::endpoint const& to) { return to.address().is_v4() ? v4 : v6; }

	void add(udp::endpoint const& to)
	{
		auto& socket = socket_for(to);
		auto const ec = socket.is_open() ? error_code() : open_socket(socket, to.protocol());
		if (ec)
		{
			log::get(log::component::beacon)
				.warn("opening a socket for beacons to {}: {}", format_endpoint(to), ec.message());
			return;
		}
		destinations.push_back({to});
	}

	error_code send_once(udp::endpoint const& to, std::string const& datagram)
	{
		error_code ec;
		socket_for(to).send_to(asio::buffer(datagram), to, 0, ec);
		return ec;
	}

	// A room without a gateway has no route for multicast; then it is sent through every interface that is
	// up.
	error_code send_everywhere(udp::endpoint const& to, std::string const& datagram, error_code first)
	{
		bool const is_v4 = to.address().is_v4();
		bool sent = false;
		for (auto const& i : multicast_interfaces())
		{
			if (!i.loopback && choose_interface(socket_for(to), is_v4, i))
			{
				sent = !send_once(to, datagram) || sent;
			}
		}
		error_code ignored;
		if (is_v4)
		{
			v4.set_option(asio::ip::multicast::outbound_interface(asio::ip::address_v4::any()), ignored);
		}
		else
		{
			v6.set_option(asio::ip::multicast::outbound_interface(0u), ignored);
		}
		return sent ? error_code() : first;
	}

	void send_to(destination& d, std::string const& datagram)
	{
		auto ec = send_once(d.to, datagram);
		if (ec && !is_full(ec) && d.to.address().is_multicast())
		{
			ec = send_everywhere(d.to, datagram, ec);
		}
		if (ec && !d.refused)
		{
			d.refused = true;
			log::get(log::component::beacon)
				.debug("sending a beacon to {}: {} (said once)", format_endpoint(d.to), ec.message());
		}
	}

	// Only signed beacons are asked about: without a key what arrives is left to the kernel.
	void hear_questions()
	{
		if (!key)
		{
			return;
		}
		for (auto* const socket : {&v4, &v6})
		{
			std::array<char, question_bytes + 1> datagram{}; // a longer one is seen to be none
			for (int i = 0; i < questions_at_once && socket->is_open(); ++i)
			{
				error_code ec;
				udp::endpoint from;
				auto const n = socket->receive_from(asio::buffer(datagram), from, 0, ec);
				if (ec == asio::error::would_block || ec == asio::error::try_again)
				{
					break;
				}
				// Other errors are about datagrams that were sent: nobody listens there.
				auto token = ec ? std::nullopt : read_question({datagram.data(), n}, *key);
				if (token)
				{
					asked.note(std::move(*token));
				}
			}
		}
	}

	beacon_identity id;
	std::optional<std::string> key;
	asked_tokens asked;
	std::optional<agent_number> number;
	udp::socket v4;
	udp::socket v6;
	std::vector<destination> destinations;
	std::uint64_t seq = 0;
};

beacon_sender::beacon_sender(asio::io_context& ios, beacon_identity id, std::vector<endpoint> const& to,
	std::optional<std::string> key, std::optional<agent_number> number)
	: m_impl(std::make_unique<impl>(ios, std::move(id), std::move(key), std::move(number)))
{
	for (auto const& one : to)
	{
		m_impl->add(to_udp(one));
	}
}

beacon_sender::~beacon_sender() = default;

bool beacon_sender::may_be_asked() const noexcept
{
	return m_impl->key.has_value();
}

bool beacon_sender::was_asked()
{
	m_impl->hear_questions();
	return m_impl->asked.has_new();
}

void beacon_sender::send(progress const& p)
{
	// A beacon must not end a job: exceptions of the libraries end here.
	try
	{
		++m_impl->seq;
		m_impl->hear_questions();
		auto datagram = encode_beacon(m_impl->id, m_impl->seq, p, m_impl->asked.next());
		if (m_impl->key)
		{
			datagram = sign_beacon(std::move(datagram), *m_impl->key);
		}
		for (auto& d : m_impl->destinations)
		{
			m_impl->send_to(d, datagram);
		}
	}
	catch (std::exception const& e)
	{
		log::get(log::component::beacon).debug("sending a beacon: {}", e.what());
	}
}

} // namespace rawswarm
