// SPDX-License-Identifier: BSD-3-Clause
// The room in Prometheus' text format, version 0.0.4. docs/spec.md lists the metrics ("Metrics").
//
// Pure. Base units; counters end in _total. Series are bounded: those of a machine have one label, `machine`,
// whose values are as many as the fleet's machines and which is different for each of them whatever beacons
// say; a state is one of twelve words. Source: https://prometheus.io/docs/instrumenting/exposition_formats/
// and .../practices/naming/
#pragma once

#include "agent/watch/room_json.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

std::string metrics_text(room_history const& room, room_facts const& facts, moment const& at);

} // namespace rawswarm
