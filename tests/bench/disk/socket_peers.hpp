// SPDX-License-Identifier: BSD-3-Clause
// Peers that send pieces over TCP, as fast as their sockets take them, in a thread of their own.
//
// Each sends one piece after the other, block by block: the numbers of piece and block (two int), then 16
// KiB. They take the next piece of the same list. Once it is empty, or the time is over, each ends its
// stream; so it does if its receiver has gone.
#pragma once

#include "base/unique_fd.hpp"
#include "storage/device/units.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace rawswarm::bench
{

inline constexpr std::size_t head_bytes = 2 * sizeof(int);
inline constexpr std::size_t message_bytes = head_bytes + static_cast<std::size_t>(block_size);

class socket_peers
{
public:
	// Listens on loopback for so many receivers. Errors are thrown.
	socket_peers(int peers, std::vector<int> order);

	// Waits for the peers, so the receivers are to be closed before.
	~socket_peers() = default;
	socket_peers(socket_peers const&) = delete;
	socket_peers& operator=(socket_peers const&) = delete;

	// To which all receivers connect before start().
	std::uint16_t port() const { return m_port; }

	// time_limit: no new piece begins after that. Errors are thrown.
	void start(std::chrono::seconds time_limit);

private:
	struct peer
	{
		unique_fd socket;
		int piece = -1;
		int block = 0;
		std::array<char, message_bytes> message{};
		std::size_t sent = message_bytes; // of the message
	};

	void send_all();
	bool send_some(peer& p);
	bool take_block(peer& p);

	unique_fd m_listener;
	std::uint16_t m_port = 0;
	std::vector<peer> m_peers;
	std::vector<int> m_order;
	std::size_t m_next = 0;
	std::chrono::steady_clock::time_point m_end;
	std::jthread m_thread; // uses all of the above
};

} // namespace rawswarm::bench
