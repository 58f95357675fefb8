// An http or https URL, taken apart (RFC 3986), and references against one.
//
// Strict: a user name, a port out of range, a space, a control character or a byte outside of ASCII
// is refused; percent-encoding stays as it was written; the fragment is dropped. Pure: nothing is
// looked up. All errors are fault::refused and quote the URL without bytes that a terminal or a log
// would act upon.
#pragma once

#include "storage/result.hpp"

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

// The scheme at the front of a text ("http" of "http://x", in the case it was written), else empty.
std::string_view scheme_of(std::string_view text);

result<url> parse_url(std::string_view text);

// What `reference` (the Location of a redirect) means when it was found at `base`.
result<url> follow(url const& base, std::string_view reference);

// host:port as the Host header has it: the port only where it is not the scheme's own.
std::string authority(url const& u);

std::string to_string(url const& u);

} // namespace rawswarm
