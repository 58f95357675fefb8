// SPDX-License-Identifier: BSD-3-Clause
// `rawswarm serve`: a room's server, made of agent/room, the HTTP server, the tracker, the seeder, the
// watcher's page and dnsmasq. docs/serve.md.
//
// Blocks its thread, which runs the io_context.
#pragma once

#include "agent/serve/serve_options.hpp"
#include "base/result.hpp"

#include <string>

namespace rawswarm
{

// Runs until SIGINT or SIGTERM, and returns 130 or 143. fault::refused for a folder that is wrong,
// fault::network for a port in use, fault::target for a folder that cannot be written.
result<int> serve(serve_options const& options);

// `serve --check`: everything that can be told without listening. Returns one line of what there is. Errors
// as above; an image that is not good is fault::refused.
result<std::string> check_room_folder(std::string const& folder);

} // namespace rawswarm
