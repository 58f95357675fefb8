// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/job_signature.hpp"

#include "agent/manifest/base64.hpp"
#include "base/byte_order_mark.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

namespace rawswarm
{

namespace
{

using byte_span = std::span<unsigned char const>;

constexpr std::size_t algorithm_size = 2;
constexpr std::size_t id_size = 8;
constexpr std::size_t key_size = 32;
constexpr std::size_t signature_size = 64;
constexpr std::string_view untrusted_prefix = "untrusted comment: ";
constexpr std::string_view trusted_prefix = "trusted comment: ";

struct signature_file
{
	bool hashed = false; // signed is the BLAKE2b-512 of the text
	std::array<unsigned char, id_size> id{};
	std::array<unsigned char, signature_size> signature{};
	std::string_view trusted_comment;
	std::array<unsigned char, signature_size> global_signature{};
};

// Without their ends, LF or CR LF (the minisign tool takes both), and without a byte order mark before the
// first. The last line may lack its end.
std::vector<std::string_view> split_lines(std::string_view text)
{
	text = without_byte_order_mark(text);
	std::vector<std::string_view> lines;
	while (!text.empty())
	{
		auto const end = text.find('\n');
		auto line = text.substr(0, end);
		if (end != std::string_view::npos && line.ends_with('\r'))
		{
			line.remove_suffix(1);
		}
		lines.push_back(line);
		text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
	}
	return lines;
}

byte_span bytes_of(std::string_view text)
{
	return {reinterpret_cast<unsigned char const*>(text.data()), text.size()};
}

template <std::size_t Size>
void take(byte_span& from, std::array<unsigned char, Size>& to)
{
	std::copy_n(from.begin(), Size, to.begin());
	from = from.subspan(Size);
}

// The key id as the minisign tool prints it: a little-endian number in hexadecimal.
std::string show_id(std::array<unsigned char, id_size> const& id)
{
	std::uint64_t number = 0;
	for (std::size_t i = id_size; i-- > 0;)
	{
		number = number << 8 | id[i];
	}
	return fmt::format("{:X}", number);
}

// Returns what is wrong with the file, or nothing.
std::optional<std::string_view> parse_signature(std::string_view text, signature_file& out)
{
	auto const lines = split_lines(text);
	if (lines.size() != 4)
	{
		return "not the four lines of a minisign signature";
	}
	if (!lines[0].starts_with(untrusted_prefix) || !lines[2].starts_with(trusted_prefix))
	{
		return "the comment lines of a minisign signature are missing";
	}
	auto const signature = decode_base64(lines[1]);
	if (!signature || signature->size() != algorithm_size + id_size + signature_size)
	{
		return "line 2 is no minisign signature";
	}
	if (signature->at(0) != 'E' || (signature->at(1) != 'd' && signature->at(1) != 'D'))
	{
		return "the signature's algorithm is unknown";
	}
	out.hashed = signature->at(1) == 'D';
	auto rest = byte_span(*signature).subspan(algorithm_size);
	take(rest, out.id);
	take(rest, out.signature);
	out.trusted_comment = lines[2].substr(trusted_prefix.size());
	auto const global = decode_base64(lines[3]);
	if (!global || global->size() != signature_size)
	{
		return "line 4 is no signature of the trusted comment";
	}
	rest = *global;
	take(rest, out.global_signature);
	return std::nullopt;
}

struct evp_deleter
{
	void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
	void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

bool ed25519_verifies(public_key const& key, byte_span message, byte_span signature)
{
	std::unique_ptr<EVP_PKEY, evp_deleter> const pkey(
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.key.data(), key.key.size()));
	std::unique_ptr<EVP_MD_CTX, evp_deleter> const context(EVP_MD_CTX_new());
	bool const good = pkey && context
		&& EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1
		&& EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size())
			== 1;
	// OpenSSL's queue must not pass for the reason of a later failure.
	ERR_clear_error();
	return good;
}

// Empty if the library fails.
std::vector<unsigned char> blake2b_512(byte_span message)
{
	std::vector<unsigned char> digest(EVP_MAX_MD_SIZE);
	unsigned int size = 0;
	bool const good =
		EVP_Digest(message.data(), message.size(), digest.data(), &size, EVP_blake2b512(), nullptr) == 1;
	digest.resize(good ? size : 0);
	return digest;
}

bool text_verifies(public_key const& key, byte_span text, signature_file const& signed_by)
{
	if (!signed_by.hashed)
	{
		return ed25519_verifies(key, text, signed_by.signature);
	}
	auto const digest = blake2b_512(text);
	return !digest.empty() && ed25519_verifies(key, digest, signed_by.signature);
}

bool comment_verifies(public_key const& key, signature_file const& signed_by)
{
	std::vector<unsigned char> message(signed_by.signature.begin(), signed_by.signature.end());
	message.insert(message.end(), signed_by.trusted_comment.begin(), signed_by.trusted_comment.end());
	return ed25519_verifies(key, message, signed_by.global_signature);
}

} // namespace

result<public_key> parse_public_key(std::string_view text, std::string_view name)
{
	auto const lines = split_lines(text);
	if (lines.empty() || lines.size() > 2)
	{
		return fail(fault::refused, "reading the key {}: not a minisign public key file", name);
	}
	auto const bytes = decode_base64(lines.back());
	if (!bytes || bytes->size() != algorithm_size + id_size + key_size)
	{
		return fail(
			fault::refused, "reading the key {}: line {} is no minisign public key", name, lines.size());
	}
	if (bytes->at(0) != 'E' || bytes->at(1) != 'd')
	{
		return fail(fault::refused, "reading the key {}: its algorithm is unknown", name);
	}
	public_key key;
	auto rest = byte_span(*bytes).subspan(algorithm_size);
	take(rest, key.id);
	take(rest, key.key);
	return key;
}

std::string key_id(public_key const& key)
{
	return show_id(key.id);
}

result<std::string> verify_signature(
	public_key const& key, std::string_view text, std::string_view signature, std::string_view name)
{
	signature_file parsed;
	if (auto const wrong = parse_signature(signature, parsed))
	{
		return fail(fault::refused, "checking the signature of {}: {}", name, *wrong);
	}
	if (parsed.id != key.id)
	{
		return fail(fault::refused,
			"checking the signature of {}: made with key {}, and the trusted one is {}", name,
			show_id(parsed.id), show_id(key.id));
	}
	if (!text_verifies(key, bytes_of(text), parsed))
	{
		return fail(fault::refused, "checking the signature of {}: the text is not what was signed", name);
	}
	if (!comment_verifies(key, parsed))
	{
		return fail(
			fault::refused, "checking the signature of {}: the trusted comment is not what was signed", name);
	}
	return std::string(parsed.trusted_comment);
}

} // namespace rawswarm
