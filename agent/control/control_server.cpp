// SPDX-License-Identifier: BSD-3-Clause
#include "agent/control/control_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace asio = boost::asio;

using protocol = asio::local::stream_protocol;

constexpr std::chrono::milliseconds pause_after_error{200};

// What Asio owns. Not passed to the programs that a job starts.
int own_copy(int const socket)
{
	return ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
}

bool is_allowed(int const socket)
{
	ucred peer{};
	socklen_t length = sizeof peer;
	return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0
		&& (peer.uid == 0 || peer.uid == ::geteuid());
}

} // namespace

// Lives as long as something is to be done for it: a read, a write, a reply that somebody holds.
class control_server::connection : public std::enable_shared_from_this<connection>
{
public:
	connection(asio::io_context& ios, unique_fd socket, std::shared_ptr<int> clients, handler on_request)
		: m_socket(ios, protocol(), own_copy(socket.get()))
		, m_limit(ios)
		, m_clients(std::move(clients))
		, m_on_request(std::move(on_request))
	{
		++*m_clients;
	}

	connection(connection const&) = delete;
	connection& operator=(connection const&) = delete;
	~connection() { --*m_clients; }

	void start()
	{
		limit();
		read();
	}

private:
	// Hangs up unless the client has done its part by then.
	void limit()
	{
		m_limit.expires_after(client_limit);
		m_limit.async_wait([weak = weak_from_this()](boost::system::error_code const& ec) {
			auto const self = weak.lock();
			if (self && !ec)
			{
				self->hang_up();
			}
		});
	}

	void hang_up()
	{
		boost::system::error_code ignored;
		m_socket.close(ignored);
	}

	void read()
	{
		m_socket.async_read_some(asio::buffer(m_part),
			[self = shared_from_this()](boost::system::error_code const& ec, std::size_t const length) {
				if (!ec)
				{
					self->on_read(length);
				}
			});
	}

	void on_read(std::size_t const length)
	{
		m_request.append(m_part.data(), length);
		auto const end = m_request.find('\n');
		if (end == std::string::npos && m_request.size() < max_control_request_bytes)
		{
			read();
			return;
		}
		m_limit.cancel();
		auto const request = end < max_control_request_bytes
			? parse_request(std::string_view(m_request).substr(0, end))
			: fail(
				fault::refused, "reading the request: it has more than {} bytes", max_control_request_bytes);
		if (!request)
		{
			answer(error_line(request.error()));
			return;
		}
		m_on_request(request.value(),
			[self = shared_from_this()](std::string line) { self->answer(std::move(line)); });
	}

	void answer(std::string line)
	{
		m_answer = std::move(line);
		boost::system::error_code ec;
		m_socket.non_blocking(true, ec);
		auto const sent = m_socket.write_some(asio::buffer(m_answer), ec);
		if (sent == m_answer.size() || (ec && ec != asio::error::would_block))
		{
			return;
		}
		limit();
		asio::async_write(m_socket, asio::buffer(m_answer) + sent,
			[self = shared_from_this()](boost::system::error_code const&, std::size_t) {});
	}

	protocol::socket m_socket;
	asio::steady_timer m_limit;
	std::shared_ptr<int> m_clients;
	handler m_on_request;
	std::array<char, 1024> m_part{};
	std::string m_request;
	std::string m_answer;
};

control_server::control_server(asio::io_context& ios, listening_socket socket, handler on_request)
	: m_ios(ios)
	, m_acceptor(ios, protocol(), own_copy(socket.get()))
	, m_pause(ios)
	, m_socket(std::move(socket))
	, m_on_request(std::move(on_request))
{
	wait();
}

control_server::~control_server() = default;

void control_server::close()
{
	boost::system::error_code ignored;
	m_acceptor.close(ignored);
	m_pause.cancel();
	m_socket.reset();
}

void control_server::wait()
{
	if (!m_socket)
	{
		return;
	}
	m_acceptor.async_wait(
		protocol::acceptor::wait_read, m_lifetime.guard([this](boost::system::error_code const& ec) {
			if (!ec && m_socket)
			{
				accept();
			}
		}));
}

// Not by the acceptor, whose connections would be passed to the programs that a job starts.
void control_server::accept()
{
	unique_fd socket(::accept4(m_socket->get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
	if (!socket)
	{
		// such as without a descriptor that is free: the client still waits, and would wake us at once
		m_pause.expires_after(pause_after_error);
		m_pause.async_wait(m_lifetime.guard([this](boost::system::error_code const&) { wait(); }));
		return;
	}
	if (is_allowed(socket.get()) && *m_clients < max_clients)
	{
		std::make_shared<connection>(m_ios, std::move(socket), m_clients, m_on_request)->start();
	}
	wait();
}

} // namespace rawswarm
