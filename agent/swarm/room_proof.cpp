// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/room_proof.hpp"

#include "agent/beacon/hmac.hpp"

#include <openssl/rand.h>

#include <algorithm>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

// Other uses of the same secret, and later versions of this one, sign other texts.
constexpr std::string_view purpose = "rawswarm rs_proof 1\n";

constexpr std::size_t mac_bytes = 32;
constexpr std::size_t address_bytes = 18;
static_assert(mac_bytes + 2 * address_bytes == room_proof_bytes);

// An address of IPv6, to which IPv4 is mapped (RFC 4291, 2.5.5.2), and the port. Not the zone of a link-local
// address, which each machine numbers by itself.
std::string address_text(ip::tcp::endpoint const& e)
{
	auto const address = e.address().is_v4()
		? ip::make_address_v6(ip::v4_mapped, e.address().to_v4()).to_bytes()
		: e.address().to_v6().to_bytes();
	std::string text(address.begin(), address.end());
	text.push_back(static_cast<char>(e.port() >> 8));
	text.push_back(static_cast<char>(e.port() & 0xff));
	return text;
}

// Every part has a length of its own, so that no two connections have one text. Empty if OpenSSL fails.
std::string mac_of(std::string_view const key, connection_end const signer, proven_connection const& c,
	std::string_view const addresses)
{
	std::string text(purpose);
	text.push_back(signer == connection_end::dialler ? 'D' : 'A');
	text.append(c.info_hash);
	text.append(c.dialler_nonce.data(), c.dialler_nonce.size());
	text.append(c.accepter_nonce.data(), c.accepter_nonce.size());
	text.append(addresses);
	auto const digest = hmac_sha256(key, text);
	return digest ? std::string(digest->begin(), digest->end()) : std::string();
}

} // namespace

std::optional<room_nonce> make_room_nonce()
{
	std::array<unsigned char, room_nonce{}.size()> bytes{};
	if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
	{
		return std::nullopt;
	}
	room_nonce nonce{};
	std::copy(bytes.begin(), bytes.end(), nonce.begin());
	return nonce;
}

std::string make_room_proof(
	std::string_view const key, connection_end const signer, proven_connection const& c)
{
	auto const addresses = address_text(c.dialler) + address_text(c.accepter);
	auto const mac = mac_of(key, signer, c, addresses);
	return mac.empty() ? mac : mac + addresses;
}

proof_verdict judge_room_proof(std::string_view const body, std::string_view const key,
	connection_end const signer, proven_connection const& seen)
{
	if (body.size() != room_proof_bytes)
	{
		return proof_verdict::wrong;
	}
	auto const addresses = body.substr(mac_bytes);
	auto const mac = mac_of(key, signer, seen, addresses);
	if (!equal_in_constant_time(mac, body.substr(0, mac_bytes)))
	{
		return proof_verdict::wrong;
	}
	bool const same_dialler = addresses.substr(0, address_bytes) == address_text(seen.dialler);
	bool const same_accepter = addresses.substr(address_bytes) == address_text(seen.accepter);
	return same_dialler || same_accepter ? proof_verdict::good : proof_verdict::relayed;
}

} // namespace rawswarm
