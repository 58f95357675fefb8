// SPDX-License-Identifier: BSD-3-Clause
// transmission-cli, a client that shares no code with libtorrent, held to loopback.
#pragma once

#include "tests/support/base/child_process.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace rawswarm::test
{

// Takes part in one torrent from construction to destruction. Knows no peer but those that dial it. What the
// folder has of the torrent is hashed first, the rest is fetched. It looks at its peers every ten seconds:
// nothing moves before that.
class transmission
{
public:
	// Listens when this returns; otherwise throws.
	transmission(std::filesystem::path const& torrent, std::filesystem::path const& folder);

	std::uint16_t port() const { return m_port; }

	// False if it does not have every piece in that time.
	bool wait_until_complete(std::chrono::milliseconds timeout);

	// Ends it, which writes to the folder what it still had in memory.
	void end();

private:
	temp_dir m_settings;
	std::uint16_t m_port;
	std::unique_ptr<child_process> m_process;
};

} // namespace rawswarm::test
