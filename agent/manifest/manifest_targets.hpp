// SPDX-License-Identifier: BSD-3-Clause
// The manifest's targets, its partition tables, its volumes and the selectors in all of them. A part of
// agent/manifest/parse_manifest.cpp.
#pragma once

#include "agent/manifest/manifest_readers.hpp"
#include "agent/manifest/parse_device.hpp"

namespace rawswarm
{

result<void> read_targets(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);
result<void> read_partition_tables(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);

// After the targets: no device twice.
result<void> read_volumes(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);

// A path or a selector.
result<named_device> read_device(nlohmann::json const& value, json_location const& at, reading const& how);

} // namespace rawswarm
