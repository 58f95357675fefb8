// SPDX-License-Identifier: BSD-3-Clause
// What libtorrent reports, sorted for the log: errors, warnings, information, and what is of use only to
// those who look for a fault. The important ones are worded for people. Pure.
//
// What a job acts upon (a torrent that is complete, a port that is taken, a tracker that is silent) is
// handled by the swarm, which words it by what the job asked for.
#pragma once

#include "agent/log/log.hpp"

#include <libtorrent/fwd.hpp>

#include <string>

namespace rawswarm
{

// Costs nothing, so that the text of an alert is made only if it is logged.
spdlog::level::level_enum alert_level(lt::alert const& a);

std::string alert_text(lt::alert const& a);

} // namespace rawswarm
