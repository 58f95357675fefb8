// SPDX-License-Identifier: BSD-3-Clause
// The keys of a manifest that say for whom and for how long it is good. A part of
// agent/manifest/parse_manifest.cpp.
//
// Nothing is replaced in their texts: a job for ${mac} would be one for any machine.
#pragma once

#include "agent/manifest/manifest_readers.hpp"

namespace rawswarm
{

result<void> read_for(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);
result<void> read_not_before(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);

// After not_before.
result<void> read_not_after(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);
result<void> read_serial_number(
	nlohmann::json const& value, json_location const& at, reading const& how, manifest& out);

} // namespace rawswarm
