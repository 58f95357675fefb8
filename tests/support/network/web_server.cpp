// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/web_server.hpp"

#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <vector>

namespace rawswarm::test
{

namespace
{

// Debian installs them outside the PATH of a user.
std::string program_of(web_server_kind const kind)
{
	return kind == web_server_kind::apache ? "/usr/sbin/apache2" : "/usr/sbin/lighttpd";
}

std::string apache_settings(std::string const& root, std::string const& own_folder, std::uint16_t const port)
{
	return fmt::format("ServerName 127.0.0.1\n"
					   "ServerRoot {1}\n"
					   "PidFile {1}/pid\n"
					   "DefaultRuntimeDir {1}\n"
					   "Mutex file:{1}\n"
					   "ErrorLog /dev/stderr\n"
					   "LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\n"
					   "LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n"
					   "User nobody\n"
					   "Group nogroup\n"
					   "Listen 127.0.0.1:{2}\n"
					   "DocumentRoot {0}\n",
		root, own_folder, port);
}

std::string lighttpd_settings(std::string const& root, std::uint16_t const port)
{
	return fmt::format("server.document-root = \"{}\"\n"
					   "server.bind = \"127.0.0.1\"\n"
					   "server.port = {}\n",
		root, port);
}

} // namespace

std::string name_of(web_server_kind const kind)
{
	return kind == web_server_kind::apache ? "apache" : "lighttpd";
}

bool has_web_server(web_server_kind const kind)
{
	return std::filesystem::exists(program_of(kind));
}

web_server::web_server(web_server_kind const kind, std::filesystem::path const& root)
	: m_port(free_port())
{
	using std::filesystem::perms;
	std::filesystem::permissions(root, perms::owner_all | perms::others_read | perms::others_exec);
	auto const settings = m_dir / "settings";
	child_options command;
	if (kind == web_server_kind::apache)
	{
		write_file(settings, apache_settings(root.string(), m_dir.path().string(), m_port));
		command.argv = {program_of(kind), "-X", "-f", settings};
	}
	else
	{
		write_file(settings, lighttpd_settings(root.string(), m_port));
		command.argv = {program_of(kind), "-D", "-f", settings};
	}
	m_process = std::make_unique<child_process>(command);
	if (!wait_for_listener(m_port, std::chrono::seconds(10)))
	{
		throw std::runtime_error(name_of(kind) + " does not listen; it printed:\n" + m_process->err());
	}
}

std::string web_server::url(std::string const& path) const
{
	return fmt::format("http://127.0.0.1:{}/{}", m_port, path);
}

} // namespace rawswarm::test
