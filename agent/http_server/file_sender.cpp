// SPDX-License-Identifier: BSD-3-Clause
#include "agent/http_server/file_sender.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <sys/sendfile.h>

namespace rawswarm
{

namespace
{

// Unlike send(2), sendfile(2) cannot be told to send no SIGPIPE, and the rest of the program may want it.
class no_broken_pipe
{
public:
	no_broken_pipe()
	{
		::sigemptyset(&m_pipe);
		::sigaddset(&m_pipe, SIGPIPE);
		::pthread_sigmask(SIG_BLOCK, &m_pipe, &m_before);
	}

	~no_broken_pipe()
	{
		if (::sigismember(&m_before, SIGPIPE) == 0)
		{
			timespec const now{};
			::sigtimedwait(&m_pipe, nullptr, &now);
		}
		::pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
	}

	no_broken_pipe(no_broken_pipe const&) = delete;
	no_broken_pipe& operator=(no_broken_pipe const&) = delete;

private:
	sigset_t m_pipe{};
	sigset_t m_before{};
};

} // namespace

std::size_t send_file_part(int const socket, http_file& rest, boost::system::error_code& ec)
{
	ec = {};
	auto const part = static_cast<std::size_t>(std::min<std::uint64_t>(rest.bytes, max_file_part));
	auto offset = static_cast<off_t>(rest.offset);
	no_broken_pipe const guard;
	ssize_t n = 0;
	do
	{
		n = ::sendfile(socket, rest.fd->get(), &offset, part);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
	{
		ec = errno == EAGAIN ? boost::system::error_code(boost::asio::error::would_block)
							 : boost::system::error_code(errno, boost::system::system_category());
		return 0;
	}
	if (n == 0 && part > 0)
	{
		ec = boost::asio::error::eof;
		return 0;
	}
	auto const sent = static_cast<std::size_t>(n);
	rest.offset += sent;
	rest.bytes -= sent;
	return sent;
}

} // namespace rawswarm
