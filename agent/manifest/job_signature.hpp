// SPDX-License-Identifier: BSD-3-Clause
// Signatures of job manifests in minisign's format (https://jedisct1.github.io/minisign/: Ed25519 over
// the file, or over its BLAKE2b-512 when the algorithm is "ED"), checked with OpenSSL.
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

struct public_key
{
	std::array<unsigned char, 8> id{};
	std::array<unsigned char, 32> key{};
};

// Where the initramfs keeps the key that every job must be signed with.
inline constexpr char const* trusted_key_path = "/etc/rawswarm/trusted.pub";

// A minisign public key file: a comment line and one of base64. Or the base64 alone.
result<public_key> parse_public_key(std::string_view text, std::string_view name);

// The key's id as the minisign tool prints it.
std::string key_id(public_key const& key);

// text: the signed text; signature: the whole .minisig file. Checks the signature over the text, the global
// signature over the trusted comment, and that the signature was made with the key of this id. Returns the
// trusted comment. All errors are fault::refused and name `name`.
result<std::string> verify_signature(
	public_key const& key, std::string_view text, std::string_view signature, std::string_view name);

} // namespace rawswarm
