// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/beacon_mac.hpp"

#include "agent/beacon/hmac.hpp"
#include "agent/beacon/secret_file.hpp"
#include "base/text.hpp"

#include <cstddef>

namespace rawswarm
{

namespace
{

constexpr std::string_view mac_head = ",\"mac\":\"";
constexpr std::string_view mac_tail = "\"}";
constexpr std::size_t mac_digits = 64;

} // namespace

std::string sign_beacon(std::string datagram, std::string_view key)
{
	if (datagram.empty() || datagram.back() != '}')
	{
		return datagram;
	}
	datagram.pop_back();
	auto const digest = hmac_sha256(key, datagram);
	if (!digest)
	{
		return datagram + "}"; // unsigned: a watcher that has the key refuses it
	}
	return datagram.append(mac_head).append(to_hex(*digest)).append(mac_tail);
}

bool beacon_is_authentic(std::string_view datagram, std::string_view key)
{
	constexpr auto end_size = mac_head.size() + mac_digits + mac_tail.size();
	if (datagram.size() < end_size)
	{
		return false;
	}
	auto const covered = datagram.substr(0, datagram.size() - end_size);
	auto const end = datagram.substr(covered.size());
	if (end.substr(0, mac_head.size()) != mac_head || end.substr(mac_head.size() + mac_digits) != mac_tail)
	{
		return false;
	}
	auto const digest = hmac_sha256(key, covered);
	return digest && equal_in_constant_time(to_hex(*digest), end.substr(mac_head.size(), mac_digits));
}

result<std::string> read_beacon_key(std::string const& path)
{
	BOOST_OUTCOME_TRY(key, read_secret(path, "the beacon key"));
	if (key.empty())
	{
		return fail(fault::refused, "reading the beacon key {}: it is empty", path);
	}
	return key;
}

} // namespace rawswarm
