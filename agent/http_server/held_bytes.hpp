// SPDX-License-Identifier: BSD-3-Clause
// How much memory the answers and bodies of all connections take. A text that several are sent counts once.
// One thread.
#pragma once

#include "agent/http_server/http_reply.hpp"

#include <cstddef>
#include <unordered_map>

namespace rawswarm
{

class held_bytes
{
public:
	// Each add is followed by one remove of the same text. Null: nothing.
	void add(shared_text const& text);
	void remove(shared_text const& text);

	void add(std::size_t bytes) { m_total += bytes; }
	void remove(std::size_t bytes) { m_total -= bytes; }

	std::size_t total() const { return m_total; }

private:
	std::unordered_map<std::string const*, std::size_t> m_holders; // how many connections
	std::size_t m_total = 0;
};

} // namespace rawswarm
