// SPDX-License-Identifier: BSD-3-Clause
// Clients that a server could do without, each kind in a thread of its own, from construction to destruction.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace rawswarm::bench
{

// Connections, each from another address, that begin a request and send a byte of it a second. One that the
// server ends is opened again.
class slowloris
{
public:
	slowloris(std::uint16_t port, unsigned connections);
	~slowloris();
	slowloris(slowloris const&) = delete;
	slowloris& operator=(slowloris const&) = delete;

	std::uint64_t ended() const { return m_ended; }

private:
	void run(std::uint16_t port, unsigned connections);

	std::atomic<bool> m_stop{false};
	std::atomic<std::uint64_t> m_ended{0};
	std::thread m_thread;
};

// Announces, as fast as they are answered, by a few connections.
class announce_flood
{
public:
	explicit announce_flood(std::uint16_t port);
	~announce_flood();
	announce_flood(announce_flood const&) = delete;
	announce_flood& operator=(announce_flood const&) = delete;

	std::uint64_t answered() const { return m_answered; }

private:
	void run(std::uint16_t port);

	std::atomic<bool> m_stop{false};
	std::atomic<std::uint64_t> m_answered{0};
	std::thread m_thread;
};

} // namespace rawswarm::bench
