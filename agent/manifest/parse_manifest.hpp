// SPDX-License-Identifier: BSD-3-Clause
// Reads a job manifest from JSON (version 1).
//
// Strict: an unknown or duplicate key, a wrong type or a number out of range is an error that names its
// location as a JSON pointer (RFC 6901), and so is a key that this version of the program knows but cannot
// carry out yet. Nothing is ignored. Pure: no file, no network and no device is touched.
// agent/manifest.schema.json says the same as a JSON Schema; both are tested on the same fixtures.
#pragma once

#include "agent/machine/identity.hpp"
#include "agent/manifest/manifest.hpp"
#include "agent/net/location.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string_view>

namespace rawswarm
{

// A longer text is refused before it is parsed. A manifest is some KiB; this leaves space for a thousand
// peers and more.
inline constexpr std::size_t max_manifest_bytes = std::size_t(1024) * 1024;

// Objects and arrays inside each other; the manifest itself needs four.
inline constexpr std::size_t max_manifest_depth = 32;

// base: where the text came from, for messages and for relative references. All errors are fault::refused,
// one line, and read "reading BASE: /targets/0/role: ...", or "reading BASE: line 3, column 7: ..." for what
// is not JSON. An unknown or duplicate key is pointed at itself, a missing one by the object that lacks it.
result<manifest> parse_manifest(std::string_view text, location const& base, machine_identity const& self);

} // namespace rawswarm
