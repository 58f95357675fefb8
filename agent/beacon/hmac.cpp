// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits>

namespace rawswarm
{

std::optional<sha256_digest> hmac_sha256(std::string_view key, std::string_view data) noexcept
{
	if (key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
	{
		return std::nullopt;
	}
	sha256_digest digest{};
	unsigned int size = 0;
	auto const* bytes = reinterpret_cast<unsigned char const*>(data.data());
	auto const* done = HMAC(
		EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, data.size(), digest.data(), &size);
	if (done == nullptr || size != digest.size())
	{
		return std::nullopt;
	}
	return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept
{
	return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace rawswarm
