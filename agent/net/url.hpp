// SPDX-License-Identifier: BSD-3-Clause
// An http or https URL in its parts (RFC 3986): what can be fetched.
//
// Value type; parsing is pure, nothing is looked up. Strict: a user name, a port out of range and a character
// that must be percent-encoded are refused; percent-encoding stays as it was written; the fragment is
// dropped. The text of an error is the reason alone, with the URL cleaned for a terminal and without a
// password.
//
// By hand, as Boost.URL came with Boost 1.81, and the default Boost of Debian 12 is 1.74.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

struct url
{
	bool secure = false; // https
	std::string host; // a name or an address, in lower case; an IPv6 address without its brackets
	std::uint16_t port = 0; // the scheme's own (80, 443) where the URL names none
	std::string target; // path and query, as the request line has them; begins with '/'

	bool operator==(url const&) const = default;
};

// fault::refused.
result<url> parse_url(std::string_view text);

// The URL that a reference means in the document at `base`, such as a redirect's Location (RFC 3986, section
// 5.2). fault::refused if it is no http or https URL.
result<url> resolve(url const& base, std::string_view reference);

// host:port as the Host header has it: the port only where it is not the scheme's own.
std::string authority(url const& u);

std::string to_string(url const& u);

} // namespace rawswarm
