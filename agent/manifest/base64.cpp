// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/base64.hpp"

#include <openssl/evp.h>

#include <limits>
#include <string>

namespace rawswarm
{

namespace
{

// EVP counts in int.
constexpr std::size_t longest_text = std::numeric_limits<int>::max() / 2;

} // namespace

std::string encode_base64(std::vector<unsigned char> const& bytes)
{
	std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0'); // EVP writes a terminator
	auto const written = EVP_EncodeBlock(
		reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
	out.resize(static_cast<std::size_t>(written));
	return out;
}

std::optional<std::vector<unsigned char>> decode_base64(std::string_view text)
{
	if (text.empty())
	{
		return std::vector<unsigned char>{};
	}
	if (text.size() % 4 != 0 || text.size() > longest_text)
	{
		return std::nullopt;
	}
	std::vector<unsigned char> bytes(text.size() / 4 * 3);
	auto const written = EVP_DecodeBlock(
		bytes.data(), reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
	if (written < 0)
	{
		return std::nullopt;
	}
	// EVP counts padding as zero bytes, and accepts much that encoding never produces.
	std::size_t const padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
	auto const size = static_cast<std::size_t>(written);
	if (size < padding)
	{
		return std::nullopt;
	}
	bytes.resize(size - padding);
	if (encode_base64(bytes) != text)
	{
		return std::nullopt;
	}
	return bytes;
}

} // namespace rawswarm
