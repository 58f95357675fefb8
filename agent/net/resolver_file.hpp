// SPDX-License-Identifier: BSD-3-Clause
// The name servers of a resolv.conf that was written on Windows. The C library takes the carriage return at
// the end of a line for a part of the address, and then asks a server on this machine.
//
// Format: resolv.conf(5).
#pragma once

#include <boost/asio/ip/address.hpp>

#include <string_view>
#include <vector>

namespace rawswarm
{

// In their order; what is no address is left out, as are comments behind one. Empty: no line ends with CR LF,
// so that the C library reads the file. Pure.
std::vector<boost::asio::ip::address> servers_of_windows_file(std::string_view text);

// Has the lookups of the calling thread ask these servers, and the domains to search without carriage
// returns. None: they ask those that the C library reads in the file, as they do at first. Later changes of
// the file count from the next call.
void ask_in_this_thread(std::vector<boost::asio::ip::address> const& servers);

} // namespace rawswarm
