// SPDX-License-Identifier: BSD-3-Clause
#include "agent/room/job_signer.hpp"

#include "agent/manifest/base64.hpp"
#include "base/text.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace rawswarm
{

namespace
{

using bytes = std::vector<unsigned char>;

// The secret key, as minisign writes it: algorithm, key derivation, checksum, salt and two limits of the
// derivation; then what a password would hide: key id, seed, public key, checksum.
constexpr std::size_t head_size = 2 + 2 + 2 + 32 + 8 + 8;
constexpr std::size_t file_size = head_size + 8 + 32 + 32 + 32;
constexpr std::size_t signature_size = 64;
constexpr std::string_view algorithm = "Ed";
constexpr std::string_view hashed_algorithm = "ED";

struct evp_deleter
{
	void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
	void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

using private_key = std::unique_ptr<EVP_PKEY, evp_deleter>;

private_key key_of(std::span<unsigned char const> const seed)
{
	return private_key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
}

std::optional<bytes> ed25519_sign(private_key const& key, std::span<unsigned char const> const message)
{
	std::unique_ptr<EVP_MD_CTX, evp_deleter> const context(EVP_MD_CTX_new());
	bytes signature(signature_size);
	std::size_t size = signature.size();
	bool const good = key && context
		&& EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1
		&& EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1
		&& size == signature_size;
	ERR_clear_error();
	return good ? std::optional(signature) : std::nullopt;
}

std::optional<bytes> blake2b_512(std::string_view const text)
{
	bytes digest(EVP_MAX_MD_SIZE);
	unsigned int size = 0;
	bool const good =
		EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_blake2b512(), nullptr) == 1;
	ERR_clear_error();
	digest.resize(size);
	return good ? std::optional(digest) : std::nullopt;
}

// The line of base64: the file has a comment before it.
std::string_view key_line(std::string_view const text)
{
	auto const lines = split(text, '\n');
	return lines.size() < 2 ? std::string_view() : trim(lines[1]);
}

} // namespace

result<job_signer> job_signer::parse(std::string_view const text, std::string_view const name)
{
	auto const refuse = [&](std::string_view const why) {
		return fail(fault::refused, "reading the key {}: {}", name, why);
	};
	auto const decoded = decode_base64(key_line(text));
	if (!decoded || decoded->size() != file_size)
	{
		return refuse("not a minisign secret key file");
	}
	auto const is = [&](std::size_t const at, std::string_view const letters) {
		return std::equal(letters.begin(), letters.end(), decoded->begin() + std::ptrdiff_t(at));
	};
	if (!is(0, algorithm) || !is(4, "B2"))
	{
		return refuse("its algorithm is unknown");
	}
	if (!is(2, std::string_view("\0\0", 2)))
	{
		return refuse("it has a password, which nobody could type here; minisign -G -W makes one without");
	}
	job_signer signer;
	auto const secret = std::span(*decoded).subspan(head_size);
	std::ranges::copy(secret.first(id_size), signer.m_id.begin());
	std::ranges::copy(secret.subspan(id_size, key_size), signer.m_seed.begin());
	// The file's own checksum is a BLAKE2b of a length that OpenSSL 3.0 does not have; the public half tells
	// as well.
	std::array<unsigned char, key_size> own{};
	auto size = own.size();
	auto const key = key_of(signer.m_seed);
	if (!key || EVP_PKEY_get_raw_public_key(key.get(), own.data(), &size) != 1
		|| !std::ranges::equal(own, secret.subspan(id_size + key_size, key_size)))
	{
		ERR_clear_error();
		return refuse("it is damaged");
	}
	return signer;
}

result<std::string> job_signer::sign(std::string_view const text, std::string_view const comment) const
{
	auto const key = key_of(m_seed);
	auto const digest = blake2b_512(text);
	auto const signature = digest ? ed25519_sign(key, *digest) : std::nullopt;
	if (!signature)
	{
		return fail(fault::internal, "signing a job: OpenSSL failed");
	}
	auto whole = *signature;
	whole.insert(whole.end(), comment.begin(), comment.end());
	auto const global = ed25519_sign(key, whole);
	if (!global)
	{
		return fail(fault::internal, "signing a job: OpenSSL failed");
	}
	bytes line(hashed_algorithm.begin(), hashed_algorithm.end());
	line.insert(line.end(), m_id.begin(), m_id.end());
	line.insert(line.end(), signature->begin(), signature->end());
	return fmt::format("untrusted comment: signature of a job by rawswarm\n{}\ntrusted comment: {}\n{}\n",
		encode_base64(line), comment, encode_base64(*global));
}

} // namespace rawswarm
