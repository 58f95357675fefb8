// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/nginx_server.hpp"

#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"

#include <fmt/format.h>

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace rawswarm::test
{

namespace
{

// Debian installs it outside the PATH of a user.
constexpr char const* program = "/usr/sbin/nginx";

std::vector<std::uint64_t> sizes_in_log(std::string const& path)
{
	std::vector<std::uint64_t> sizes;
	std::istringstream log(std::filesystem::exists(path) ? read_file(path) : std::string());
	std::uint64_t size = 0;
	while (log >> size)
	{
		sizes.push_back(size);
	}
	return sizes;
}

} // namespace

bool has_nginx()
{
	return std::filesystem::exists(program);
}

nginx_server::nginx_server(std::filesystem::path root, nginx_options options)
	: m_root(std::move(root))
	, m_options(std::move(options))
	, m_port(free_port())
{
	if (m_options.tls)
	{
		write_file(m_dir / "certificate.pem", m_options.tls->certificate);
		write_file(m_dir / "key.pem", m_options.tls->key);
	}
	start(m_options.rate);
}

std::string nginx_server::url(std::string const& path) const
{
	return fmt::format("{}://{}:{}/{}", m_options.tls ? "https" : "http", m_options.address, m_port, path);
}

void nginx_server::kill()
{
	m_process.reset();
}

void nginx_server::start(std::string const& rate)
{
	std::string tls;
	if (m_options.tls)
	{
		tls = fmt::format(
			"ssl_certificate {0}; ssl_certificate_key {1};", m_dir / "certificate.pem", m_dir / "key.pem");
	}
	std::string temp_paths;
	for (auto const* const use : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
	{
		temp_paths += fmt::format("{}_temp_path {};\n", use, m_dir / use);
	}
	write_file(m_dir / "nginx.conf",
		fmt::format("daemon off; master_process off; pid {0}; error_log stderr;\n"
					"events {{ worker_connections 512; }}\n"
					"http {{\n{1}\n"
					"log_format size '$body_bytes_sent';\n"
					"access_log {2} size;\n"
					"server {{ listen {8}:{3} {4}; {5} root {6}; {7} }}\n}}\n",
			m_dir / "pid", temp_paths, m_dir / "access.log", m_port, m_options.tls ? "ssl" : "", tls,
			m_root.string(), rate.empty() ? "" : fmt::format("limit_rate {};", rate), m_options.address));
	child_options command;
	command.argv = {program, "-e", "stderr", "-p", m_dir.path().string(), "-c", m_dir / "nginx.conf"};
	m_process = std::make_unique<child_process>(command);
	if (!wait_for_listener(m_options.address, m_port, std::chrono::seconds(10)))
	{
		throw std::runtime_error("nginx does not listen; it printed:\n" + m_process->err());
	}
}

std::uint64_t nginx_server::bytes_sent() const
{
	std::uint64_t sum = 0;
	for (auto const size : sizes_in_log(m_dir / "access.log"))
	{
		sum += size;
	}
	return sum;
}

std::size_t nginx_server::answers() const
{
	return sizes_in_log(m_dir / "access.log").size();
}

} // namespace rawswarm::test
