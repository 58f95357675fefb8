// SPDX-License-Identifier: BSD-3-Clause
// The boot entry that a target asks for: "boot_entry" of a manifest. For the parser's own files alone.
//
// Pure.
#pragma once

#include "agent/manifest/manifest_readers.hpp"

#include <span>

namespace rawswarm
{

// true, false, or an object.
result<void> read_boot_entry(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest_target& out);

// An entry replaces that of the same label, so that two of one job need two. at: of the targets.
result<void> check_labels_differ(std::span<manifest_target const> targets, json_location const& at);

} // namespace rawswarm
