// SPDX-License-Identifier: BSD-3-Clause
// A BitTorrent peer that speaks byte by byte, for what a client that keeps the rules does not show.
//
// One thread. Errors of the network are answers: an empty text, false.
#pragma once

#include "base/unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace rawswarm::test
{

class raw_peer
{
public:
	static constexpr std::size_t handshake_bytes = 68;

	explicit raw_peer(unique_fd connection);

	// Connects to a port of 127.0.0.1. from: the address that it connects from, one of 127.0.0.0/8.
	static raw_peer dial(std::uint16_t port, std::string const& from = "127.0.0.1");

	// The same to any address of IPv4, from whichever the kernel chooses.
	static raw_peer dial_host(std::string const& address, std::uint16_t port);

	// A send that takes longer fails.
	void limit_sending(std::chrono::milliseconds time);

	// Has the kernel keep no more than a few KiB of what is not read.
	void keep_little();

	bool is_open() const { return bool(m_socket); }
	bool send(std::string const& bytes);

	// So many bytes, or fewer if the other end closes or the time is up.
	std::string read(std::size_t bytes, std::chrono::milliseconds timeout);

	// The next message behind the handshake: its id and body. Empty: a keep-alive, or none came.
	std::string read_message(std::chrono::milliseconds timeout);

private:
	unique_fd m_socket;
};

// The first bytes of a connection. info_hash: 40 hexadecimal digits.
std::string bittorrent_handshake(std::string const& info_hash, std::string const& peer_id);

enum class reach
{
	one_address, // 127.0.0.1
	every_address, // of 127.0.0.0/8 as well
};

// A socket that listens on a free port.
class raw_listener
{
public:
	explicit raw_listener(reach at = reach::one_address);

	std::uint16_t port() const { return m_port; }
	std::optional<raw_peer> accept(std::chrono::milliseconds timeout);

private:
	unique_fd m_socket;
	std::uint16_t m_port = 0;
};

} // namespace rawswarm::test
