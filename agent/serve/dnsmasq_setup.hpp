// SPDX-License-Identifier: BSD-3-Clause
// What dnsmasq_config has to know of this machine and of the room's folder. Asks the kernel and the disk; any
// thread.
#pragma once

#include "agent/serve/dnsmasq_config.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace rawswarm
{

// interface: empty for the one that machines can be on, if there is but one. fault::refused: no such
// interface, it is down, it has no address, or there are several to choose from.
result<dnsmasq_network> find_dnsmasq_network(std::string const& interface);

// The files of boot_loader_file that the folder has.
std::set<std::string> find_boot_loaders(std::string const& folder);

// All of it for a room: its boot/ and state/, options.dnsmasq and what goes with it. Errors: those above.
result<dnsmasq_options> make_dnsmasq_options(serve_options const& options, std::uint16_t http_port);

} // namespace rawswarm
