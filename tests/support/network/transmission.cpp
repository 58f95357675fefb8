// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/network/transmission.hpp"

#include "tests/support/network/free_port.hpp"
#include "tests/support/network/listeners.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <stdexcept>

namespace rawswarm::test
{

using namespace std::chrono_literals;

transmission::transmission(std::filesystem::path const& torrent, std::filesystem::path const& folder)
	: m_port(free_port())
{
	nlohmann::json const settings{{"bind-address-ipv4", "127.0.0.1"}, {"bind-address-ipv6", "::1"},
		{"dht-enabled", false}, {"lpd-enabled", false}, {"pex-enabled", false}, {"utp-enabled", false},
		{"port-forwarding-enabled", false}, {"rpc-enabled", false}, {"peer-port", m_port}};
	write_file(m_settings / "settings.json", settings.dump());
	child_options options;
	// Not --verify: a torrent that is new is hashed anyway, and the option has it stop for that, which ends
	// the program if it looks just then.
	options.argv = {"transmission-cli", "--config-dir", m_settings.path().string(), "--download-dir",
		folder.string(), "--port", std::to_string(m_port), "--no-portmap", torrent.string()};
	m_process = std::make_unique<child_process>(options);
	if (!wait_for_listener(m_port, 20s))
	{
		throw std::runtime_error("transmission-cli does not listen; it printed:\n" + m_process->err());
	}
}

bool transmission::wait_until_complete(std::chrono::milliseconds const timeout)
{
	return m_process->wait_for_text("Seeding, uploading to", timeout);
}

void transmission::end()
{
	m_process->signal(SIGTERM);
	if (!m_process->wait(20s))
	{
		throw std::runtime_error("transmission-cli does not end");
	}
}

} // namespace rawswarm::test
