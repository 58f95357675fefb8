// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/room.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace rawswarm::test
{

namespace
{

void run_batch(char const* const tool, std::string const& commands)
{
	child_options options;
	options.argv = {tool, "-batch", "-"};
	options.stdin_text = commands;
	if (auto const done = run(options); done.exit_code != 0)
	{
		throw std::runtime_error(fmt::format("{} failed:\n{}{}{}", tool, commands, done.out, done.err));
	}
}

std::string mac(std::size_t const host)
{
	return fmt::format("02:00:00:00:00:{:02x}", host + 1);
}

// A host sends up to 64 KiB as one packet, which a real network card splits. Here it would delay all packets
// behind it, by 25 ms at 20 Mbit/s, or be dropped as a whole. So packets are limited to three milliseconds;
// smaller ones would take more of the processors than the agents do.
void limit(std::string const& device, int const mbit)
{
	constexpr int smallest = 2 * 1500;
	constexpr int largest = 65536;
	run_batch("ip",
		fmt::format(
			"link set {} gso_max_size {}\n", device, std::clamp(mbit * 3 * 1000 / 8, smallest, largest)));
	run_batch("tc",
		fmt::format("qdisc replace dev {} root tbf rate {}mbit burst 128kb latency 25ms\n", device, mbit));
}

} // namespace

room::room(std::size_t const hosts, int const mbit)
	: m_mbit(mbit)
	, m_hosts(hosts)
{
	auto const pid = std::filesystem::read_symlink("/proc/self").string();
	m_bridge = fmt::format("rs{}b", pid);
	// with snooping it would drop multicast, as no router asks for members
	run_batch("ip", fmt::format("link add {0} type bridge mcast_snooping 0\nlink set {0} up\n", m_bridge));
	for (std::size_t i = 0; i < hosts; ++i)
	{
		m_ports.push_back(fmt::format("rs{}p{}", pid, i));
		connect(i);
		if (mbit > 0)
		{
			set_rate(i, mbit);
		}
	}
	introduce();
}

// Explicitly: the kernel removes a namespace only later, and the next room has the same names.
room::~room()
{
	try
	{
		std::string commands;
		for (auto const& port : m_ports)
		{
			commands += fmt::format("link del {}\n", port);
		}
		run_batch("ip", fmt::format("{}link del {}\n", commands, m_bridge));
	}
	catch (std::exception const&)
	{
		// the kernel removes the bridge with the caller's own namespace
	}
}

std::string room::address(std::size_t const host)
{
	return fmt::format("10.77.0.{}", host + 1);
}

void room::connect(std::size_t const host)
{
	auto const& port = m_ports[host];
	run_batch("ip",
		fmt::format("link add {0} type veth peer name {1} address {4} netns {2}\nlink set {0} master "
					"{3}\nlink set {0} "
					"up\n",
			port, card, m_hosts[host].path(), m_bridge, mac(host)));
	net_namespace::visit const inside(m_hosts[host]);
	// Multicast, such as local service discovery, takes the default route. udpcast cannot use a card without
	// a broadcast address.
	run_batch("ip",
		fmt::format(
			"link set lo up\naddr add {0}/24 brd + dev {1}\nlink set {1} up\nroute add default dev {1}\n",
			address(host), card));
}

// The kernel has one neighbour table for all namespaces, with space for 1024 entries: enough for 32 hosts
// that know each other. Real machines have one table each. Permanent entries do not count.
void room::introduce() const
{
	for (std::size_t i = 0; i < m_hosts.size(); ++i)
	{
		std::string commands;
		for (std::size_t other = 0; other < m_hosts.size(); ++other)
		{
			if (other != i)
			{
				commands += fmt::format(
					"neigh replace {} lladdr {} dev {} nud permanent\n", address(other), mac(other), card);
			}
		}
		net_namespace::visit const inside(m_hosts[i]);
		run_batch("ip", commands);
	}
}

void room::set_rate(std::size_t const host, int const mbit)
{
	limit(m_ports.at(host), mbit);
	net_namespace::visit const inside(m_hosts.at(host));
	limit(card, mbit);
}

std::unique_ptr<child_process> room::start(std::size_t const host, child_options const& options) const
{
	net_namespace::visit const inside(m_hosts.at(host));
	return std::make_unique<child_process>(options);
}

// "  eth0: BYTES 7 fields, BYTES 7 fields", received before sent.
std::vector<link_bytes> room::counters() const
{
	std::map<std::string, link_bytes> found;
	std::ifstream lines("/proc/thread-self/net/dev");
	for (std::string line; std::getline(lines, line);)
	{
		auto const colon = line.find(':');
		auto const start = line.find_first_not_of(' ');
		if (colon == std::string::npos)
		{
			continue;
		}
		std::istringstream numbers(line.substr(colon + 1));
		link_bytes bytes;
		std::int64_t skipped = 0;
		numbers >> bytes.up; // the bridge's end receives what the host sends
		for (int i = 0; i < 7; ++i)
		{
			numbers >> skipped;
		}
		numbers >> bytes.down;
		found[line.substr(start, colon - start)] = bytes;
	}
	std::vector<link_bytes> all;
	for (auto const& port : m_ports)
	{
		all.push_back(found.at(port));
	}
	return all;
}

} // namespace rawswarm::test
