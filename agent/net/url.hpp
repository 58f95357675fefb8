// SPDX-License-Identifier: BSD-3-Clause
// An http or https URL, taken apart (RFC 3986). References against one: resolve() in
// agent/manifest/manifest.hpp.
//
// Strict: a user name, a port out of range, a space, a control character or a byte outside of ASCII
// is refused; percent-encoding stays as it was written; the fragment is dropped. Pure: nothing is
// looked up. All errors are fault::refused and quote the URL, cleaned for a terminal.
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
	std::string target; // path and query, as the request line says them; begins with '/'
};

result<url> parse_url(std::string_view text);

// host:port as the Host header has it: the port only where it is not the scheme's own.
std::string authority(url const& u);

std::string to_string(url const& u);

} // namespace rawswarm
