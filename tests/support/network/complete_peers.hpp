// SPDX-License-Identifier: BSD-3-Clause
// Peers that have the whole torrent and send whatever they are asked for as fast as it is taken: many of them
// in one thread, where as many programs would need all of the machine.
//
// They speak the bare protocol (BEP 3): handshake, bitfield, unchoke, request, piece. Each has a port of
// 127.0.0.1. Errors are thrown (std::system_error).
#pragma once

#include "base/unique_fd.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm::test
{

class complete_peers
{
public:
	// content: the bytes of the torrent, in its order. info_hash: 40 hexadecimal digits.
	complete_peers(std::string const& info_hash, std::string content, int piece_size, int count);
	~complete_peers();
	complete_peers(complete_peers const&) = delete;
	complete_peers& operator=(complete_peers const&) = delete;

	std::vector<std::uint16_t> const& ports() const { return m_ports; }

private:
	void serve();

	std::string m_greeting; // handshake, bitfield, unchoke
	std::string m_content;
	std::int64_t m_piece_size;
	std::vector<unique_fd> m_listeners;
	std::vector<std::uint16_t> m_ports;
	std::atomic<bool> m_stop{false};
	std::thread m_thread;
};

} // namespace rawswarm::test
