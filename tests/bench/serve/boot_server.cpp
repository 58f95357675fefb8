// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/serve/boot_server.hpp"

#include "agent/http_server/http_server.hpp"
#include "agent/http_server/served_file.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <array>
#include <csignal>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

constexpr std::string_view boot_path = "/boot/";
constexpr std::string_view report_path = "/report/";
constexpr std::size_t report_bytes = std::size_t(64) * 1024;

void serve(std::string const& folder, int const ready)
{
	unique_fd const boot(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
	auto const nobody = std::make_shared<std::string const>("d8:intervali30e5:peers0:e");
	boost::asio::io_context ios{1};
	http_server_options options;
	options.max_connections = 4096;
	options.body_limit = [](std::string_view path) {
		return path.starts_with(report_path) ? report_bytes : 0;
	};
	http_server server(ios, std::move(options), [&](http_question const& q) {
		if (q.path.starts_with(boot_path))
		{
			return serve_file(boot.get(), q.path.substr(boot_path.size()), q);
		}
		http_reply reply;
		reply.status = q.path.starts_with(report_path) || q.path == "/announce" ? 200 : 404;
		reply.body = nobody;
		return reply;
	});
	if (!server.listen({{boost::asio::ip::address_v4::any(), {}}, 0}))
	{
		return;
	}
	auto const port = server.bound().port();
	if (::write(ready, &port, sizeof(port)) == ssize_t(sizeof(port)))
	{
		ios.run();
	}
}

} // namespace

boot_server::boot_server(std::string const& folder)
{
	std::array<int, 2> ready{};
	if (::pipe2(ready.data(), O_CLOEXEC) != 0)
	{
		test::throw_errno("pipe2");
	}
	m_pid = ::fork();
	if (m_pid == 0)
	{
		::prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(folder, ready[1]);
		::_exit(1);
	}
	::close(ready[1]);
	auto const n = ::read(ready[0], &m_port, sizeof(m_port));
	::close(ready[0]);
	if (m_pid < 0 || n != ssize_t(sizeof(m_port)))
	{
		test::throw_errno("starting a server");
	}
}

boot_server::~boot_server()
{
	if (m_pid > 0)
	{
		end();
	}
}

rusage boot_server::end()
{
	rusage used{};
	::kill(m_pid, SIGKILL);
	::wait4(std::exchange(m_pid, -1), nullptr, 0, &used);
	return used;
}

} // namespace rawswarm::bench
