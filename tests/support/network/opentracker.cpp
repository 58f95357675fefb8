// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/opentracker.hpp"

#include "base/unique_fd.hpp"

#include <fmt/format.h>
#include <libtorrent/hex.hpp>
#include <libtorrent/torrent_info.hpp>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint16_t port = 6969;
constexpr auto time_to_start = 10s;

bool takes_connections(std::string const& address)
{
	unique_fd const fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	sockaddr_in to{};
	to.sin_family = AF_INET;
	to.sin_port = htons(port);
	::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
	return fd && ::connect(fd.get(), reinterpret_cast<sockaddr const*>(&to), sizeof(to)) == 0;
}

} // namespace

// It refuses to run as root and changes its root to its folder. Debian's serves only torrents on a list.
opentracker::opentracker(room const& hosts, std::size_t const host, std::string const& torrent)
	: m_host(host)
{
	auto const folder = m_dir / "tracker";
	auto const info_hash = lt::aux::to_hex(lt::torrent_info(torrent).info_hashes().v1);
	write_file(folder + "/torrents", info_hash + "\n");
	auto const settings = m_dir / "settings";
	write_file(settings,
		fmt::format("listen.tcp_udp {}:{}\naccess.whitelist torrents\ntracker.rootdir {}\ntracker.user "
					"nobody\n",
			room::address(host), port, folder));
	std::filesystem::permissions(
		folder, std::filesystem::perms::owner_all | std::filesystem::perms::others_exec);
	child_options options;
	options.argv = {"opentracker", "-f", settings};
	m_process = hosts.start(host, options);
	wait_until_it_listens(hosts);
}

void opentracker::wait_until_it_listens(room const& hosts)
{
	net_namespace::visit const inside(hosts.host(m_host));
	auto const deadline = std::chrono::steady_clock::now() + time_to_start;
	while (!takes_connections(room::address(m_host)))
	{
		if (std::chrono::steady_clock::now() >= deadline || !m_process->running())
		{
			throw std::runtime_error("opentracker does not start:\n" + m_process->out() + m_process->err());
		}
		// it does not report when it is ready
		std::this_thread::sleep_for(5ms);
	}
}

std::string opentracker::url(std::string const& scheme) const
{
	return fmt::format("{}://{}:{}/announce", scheme, room::address(m_host), port);
}

} // namespace rawswarm::test
