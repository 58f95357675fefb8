// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/ip_network.hpp"

#include "agent/net/address.hpp"
#include "base/clean_text.hpp"

#include <cstddef>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

// The bytes of an address with all bits behind the first `bits` cleared, or set.
template <class Bytes>
Bytes fill_behind(Bytes bytes, unsigned bits, bool set)
{
	for (std::size_t i = bits; i < bytes.size() * 8; ++i)
	{
		auto const mask = static_cast<unsigned char>(0x80U >> (i % 8));
		auto& byte = bytes[i / 8];
		byte = static_cast<unsigned char>(set ? byte | mask : byte & ~mask);
	}
	return bytes;
}

template <class Address>
ip_network network_of(Address const& inside, unsigned bits)
{
	auto const bytes = inside.to_bytes();
	return {Address(fill_behind(bytes, bits, false)), Address(fill_behind(bytes, bits, true)), bits};
}

} // namespace

result<ip_network> parse_ip_network(std::string_view text)
{
	auto const slash = text.find('/');
	auto const address = text.substr(0, slash);
	auto const parsed = slash == std::string_view::npos ? std::nullopt : parse_port(text.substr(slash + 1));
	unsigned const bits = parsed.value_or(0);
	auto const v4 = parse_ipv4(address);
	auto const v6 = parse_ipv6(address);
	auto const longest = v4 ? 32 : v6 ? 128 : -1;
	if (!parsed || int(bits) > longest)
	{
		return fail(
			fault::refused, "must be a network such as 10.0.0.0/8 or fd00::/8, not \"{}\"", printable(text));
	}
	auto const found = v4 ? network_of(*v4, bits) : network_of(*v6, bits);
	if (found.first != (v4 ? ip::address(*v4) : ip::address(*v6)))
	{
		return fail(fault::refused, "\"{}\" is no network: the one it lies in is {}", printable(text),
			to_string(found));
	}
	return found;
}

std::string to_string(ip_network const& n)
{
	return fmt::format("{}/{}", n.first.to_string(), n.bits);
}

} // namespace rawswarm
