// SPDX-License-Identifier: BSD-3-Clause
// Where agents and servers of this machine listen.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

// Of the server that systemd runs as a user of its own, who could not share the folder of root's agents.
inline constexpr std::string_view service_socket = "/run/rawswarm-serve/serve.sock";

// control_sockets(), and behind them that of the service if it is there.
result<std::vector<std::string>> all_sockets();

} // namespace rawswarm
