// SPDX-License-Identifier: BSD-3-Clause
// The room's page, open in several browsers: connections that take its events, in a thread of their own, from
// construction to destruction. One of them has stopped reading.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace rawswarm::bench
{

class open_pages
{
public:
	// port: of the page, on 127.0.0.1.
	open_pages(std::uint16_t port, unsigned count);
	~open_pages();
	open_pages(open_pages const&) = delete;
	open_pages& operator=(open_pages const&) = delete;

	// Of events, by all of them.
	std::uint64_t bytes() const { return m_bytes; }

private:
	void run(std::uint16_t port, unsigned count);

	std::atomic<bool> m_stop{false};
	std::atomic<std::uint64_t> m_bytes{0};
	std::thread m_thread;
};

} // namespace rawswarm::bench
