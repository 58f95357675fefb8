// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/secret_file.hpp"

#include "base/byte_order_mark.hpp"
#include "base/read_file.hpp"

namespace rawswarm
{

namespace
{

constexpr std::size_t max_secret_bytes = 4096;

} // namespace

result<std::string> read_secret(std::string const& path, std::string_view const what)
{
	BOOST_OUTCOME_TRY(bytes, read_file(path, max_secret_bytes, what));
	std::string secret(without_byte_order_mark(bytes));
	if (secret.ends_with('\n'))
	{
		secret.resize(secret.size() - (secret.ends_with("\r\n") ? 2 : 1));
	}
	return secret;
}

result<std::string> read_room_key(std::string const& path)
{
	BOOST_OUTCOME_TRY(key, read_secret(path, "the room's key"));
	if (key.size() < shortest_room_key)
	{
		return fail(fault::refused, "reading the room's key {}: it has {} bytes, and needs {} or more", path,
			key.size(), shortest_room_key);
	}
	return key;
}

} // namespace rawswarm
