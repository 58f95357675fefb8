// SPDX-License-Identifier: BSD-3-Clause
// The manifest's targets, its partition tables and the selectors in both. A part of
// agent/manifest/parse_manifest.cpp.
#pragma once

#include "agent/manifest/manifest_readers.hpp"

namespace rawswarm
{

result<void> read_targets(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);
result<void> read_partition_tables(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);

} // namespace rawswarm
