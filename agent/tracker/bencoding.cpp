// SPDX-License-Identifier: BSD-3-Clause
#include "agent/tracker/bencoding.hpp"

#include <fmt/format.h>

namespace rawswarm
{

std::string bencoded(std::string_view const bytes)
{
	return fmt::format("{}:{}", bytes.size(), bytes);
}

std::string bencoded(std::int64_t const number)
{
	return fmt::format("i{}e", number);
}

std::string compact(boost::asio::ip::address const& address, std::uint16_t const port)
{
	std::string bytes;
	auto const add = [&bytes](auto const& part) { bytes.append(part.begin(), part.end()); };
	if (address.is_v4())
	{
		add(address.to_v4().to_bytes());
	}
	else
	{
		add(address.to_v6().to_bytes());
	}
	bytes += static_cast<char>(port >> 8);
	bytes += static_cast<char>(port & 0xff);
	return bytes;
}

} // namespace rawswarm
