// SPDX-License-Identifier: BSD-3-Clause
#include "agent/swarm/peer_addresses.hpp"

#include <libtorrent/bdecode.hpp>
#include <libtorrent/bencode.hpp>
#include <libtorrent/entry.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace rawswarm
{

namespace
{

namespace ip = boost::asio::ip;

constexpr char const* key_v4 = "added";
constexpr char const* key_v6 = "added6";

template <class Bytes>
void append(std::string& text, Bytes const& address, std::uint16_t const port)
{
	text.append(address.begin(), address.end());
	text.push_back(static_cast<char>(port >> 8));
	text.push_back(static_cast<char>(port & 0xff));
}

template <class Address>
void read(std::string_view text, std::vector<ip::tcp::endpoint>& addresses)
{
	typename Address::bytes_type bytes;
	for (; text.size() >= bytes.size() + 2 && addresses.size() < max_addresses;
		 text.remove_prefix(bytes.size() + 2))
	{
		std::copy_n(text.begin(), bytes.size(), bytes.begin());
		auto const at = [&](std::size_t const i) { return static_cast<unsigned char>(text[i]); };
		auto const port = static_cast<std::uint16_t>(at(bytes.size()) << 8 | at(bytes.size() + 1));
		if (port != 0)
		{
			addresses.emplace_back(Address(bytes), port);
		}
	}
}

} // namespace

std::string write_addresses(std::vector<ip::tcp::endpoint> const& addresses)
{
	std::string v4;
	std::string v6;
	for (auto const& e : addresses)
	{
		if (e.address().is_v4())
		{
			append(v4, e.address().to_v4().to_bytes(), e.port());
		}
		else
		{
			append(v6, e.address().to_v6().to_bytes(), e.port());
		}
	}
	lt::entry message;
	message[key_v4] = v4;
	message[key_v6] = v6;
	std::string text;
	lt::bencode(std::back_inserter(text), message);
	return text;
}

std::vector<ip::tcp::endpoint> read_addresses(std::span<char const> const text)
{
	std::vector<ip::tcp::endpoint> addresses;
	lt::error_code ec;
	auto const message = lt::bdecode({text.data(), static_cast<std::ptrdiff_t>(text.size())}, ec);
	if (ec || message.type() != lt::bdecode_node::dict_t)
	{
		return addresses;
	}
	auto const v4 = message.dict_find_string_value(key_v4);
	auto const v6 = message.dict_find_string_value(key_v6);
	read<ip::address_v4>({v4.data(), v4.size()}, addresses);
	read<ip::address_v6>({v6.data(), v6.size()}, addresses);
	return addresses;
}

} // namespace rawswarm
