// SPDX-License-Identifier: BSD-3-Clause
// Members of a room that harm it: they know the torrent, speak the protocol as far as they must to be
// listened to, and dial every agent again a moment after it has hung up.
//
// Each of them has a host of the room to itself. They begin when this object is made, in threads of their
// own, and end with it. Errors are thrown.
#pragma once

#include "tests/support/network/room.hpp"
#include "tests/support/network/stock_client.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace rawswarm::test
{

enum class hostility
{
	says_nothing, // a member to whom a source reveals pieces, and that asks for none
	claims_all, // has every piece by its own word, and delivers nothing
	sends_wrong_data, // has every piece, and one wrong byte in each block
	talks, // messages that nobody needs, as fast as they are taken
	asks_for_a_byte, // the first byte of the last piece that it heard of, twice a second
};

inline constexpr hostility every_hostility[] = {hostility::says_nothing, hostility::claims_all,
	hostility::sends_wrong_data, hostility::talks, hostility::asks_for_a_byte};

char const* name_of(hostility how); // one word

struct hostile_plan
{
	hostility how = hostility::says_nothing;
	std::vector<std::size_t> hosts; // where they are
	std::vector<std::size_t> agents; // the hosts that they dial
	std::uint16_t port = 0; // of every agent
	std::string torrent; // its path
	std::string image; // the path of its content
	std::string folder; // for what the members keep themselves
};

class hostile_members
{
public:
	// The room must outlive them.
	hostile_members(room const& hosts, hostile_plan const& plan);

private:
	void start_raw(room const& hosts, hostile_plan const& plan);
	void start_stock(room const& hosts, hostile_plan const& plan);

	std::vector<std::unique_ptr<stock_client>> m_clients;
	std::vector<std::jthread> m_threads;
};

} // namespace rawswarm::test
