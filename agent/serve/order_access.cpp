// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/order_access.hpp"

#include "agent/beacon/hmac.hpp"
#include "agent/net/address.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

// "http://HOST", or with https, which a proxy may add. "null", of a page without an origin, is none.
bool is_own_origin(std::string_view origin, std::string_view const host)
{
	for (std::string_view const scheme : {"http://", "https://"})
	{
		if (origin.starts_with(scheme))
		{
			return equal_ignoring_case(origin.substr(scheme.size()), host);
		}
	}
	return false;
}

bool is_json(std::string_view const content_type)
{
	return equal_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), "application/json");
}

// What follows "Bearer " (RFC 6750, 2.1); the scheme's case does not matter. Empty: there is none.
std::string_view bearer_token(std::string_view const authorization)
{
	constexpr std::string_view scheme = "bearer ";
	return equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)
		? trim(authorization.substr(scheme.size()))
		: std::string_view();
}

} // namespace

order_access::order_access(std::string token)
	: m_token(std::move(token))
{}

bool order_access::is_this_machine(order_sender const& sender)
{
	return plain_address(sender.peer).is_loopback() && !sender.forwarded;
}

// In a time that does not depend on how much of it is right.
bool order_access::is_token(std::string_view const authorization) const
{
	auto const given = bearer_token(authorization);
	return !m_token.empty() && equal_in_constant_time(given, m_token);
}

// Forgets those whose tries are all free again.
order_access::tries* order_access::find(boost::asio::ip::address const& address, clock::time_point const now)
{
	std::erase_if(m_tries, [now](tries const& t) { return t.until <= now; });
	auto const found = std::ranges::find(m_tries, address, &tries::address);
	return found == m_tries.end() ? nullptr : &*found;
}

order_verdict order_access::check(order_sender const& sender, clock::time_point const now)
{
	if (!sender.origin.empty() && !is_own_origin(sender.origin, sender.host))
	{
		return order_verdict::foreign_page;
	}
	if (!is_json(sender.content_type))
	{
		return order_verdict::no_json;
	}
	if (is_this_machine(sender))
	{
		return order_verdict::allowed;
	}
	if (bearer_token(sender.authorization).empty())
	{
		return order_verdict::no_token;
	}
	auto const address = machine_of(plain_address(sender.peer));
	auto* known = find(address, now);
	if (known != nullptr && known->until - now > (tries_at_once - 1) * time_per_try)
	{
		return order_verdict::too_many_tries;
	}
	if (is_token(sender.authorization))
	{
		return order_verdict::allowed;
	}
	if (known == nullptr)
	{
		if (m_tries.size() == max_addresses)
		{
			m_tries.pop_front();
		}
		known = &m_tries.emplace_back(tries{address, now});
	}
	known->until += time_per_try;
	return order_verdict::wrong_token;
}

} // namespace rawswarm
