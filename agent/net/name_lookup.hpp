// SPDX-License-Identifier: BSD-3-Clause
// The addresses of a host name, within a deadline.
//
// getaddrinfo() blocks while the name servers are silent and cannot be cancelled; asio's resolver only moves
// it to a thread that its io_context then waits for. So it runs here in a thread of its own, which is left
// behind when the deadline passes. That thread owns all that it touches and ends with getaddrinfo(), some
// seconds later (resolv.conf: 5 seconds per try, 2 tries per server); a process that ends meanwhile does not
// wait for it.
#pragma once

#include "base/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace rawswarm
{

using address_list = std::vector<boost::asio::ip::address>;

// Called in the thread described above. Tests pass their own.
using name_lookup = std::function<result<address_list>(std::string const& host)>;

// Asks the servers of /etc/resolv.conf. To be called in a thread of its own.
result<address_list> system_lookup(std::string const& host);

// At least one, in the order of preference that the system gives. An address as text (IPv6 without brackets)
// is returned as it is. Errors: fault::network, "looking up HOST: ..."; ETIMEDOUT if the deadline has passed,
// ECANCELED soon after stop.
result<address_list> lookup_host(std::string const& host, std::chrono::steady_clock::time_point until,
	name_lookup look = system_lookup, std::stop_token const& stop = {});

} // namespace rawswarm
