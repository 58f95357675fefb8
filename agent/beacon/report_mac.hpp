// SPDX-License-Identifier: BSD-3-Clause
// Signed reports: with a key the request that brings a job's report has the header
//
//     Authorization: rawswarm-hmac 64 HEX DIGITS
//
// the HMAC-SHA256 (RFC 2104), by the key of the beacons, over the request's target (path and query, as its
// first line has them), a line feed and the body. So a report is no good for another job's address.
#pragma once

#include <string>
#include <string_view>

namespace rawswarm
{

// The value of the header. Empty only if OpenSSL itself fails (no memory).
std::string report_authorization(std::string_view target, std::string_view body, std::string_view key);

// Whether it is the right one for this key (compared in constant time).
bool report_is_authentic(
	std::string_view authorization, std::string_view target, std::string_view body, std::string_view key);

} // namespace rawswarm
