// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/report_mac.hpp"

#include "agent/beacon/hmac.hpp"
#include "base/text.hpp"

namespace rawswarm
{

std::string report_authorization(
	std::string_view const target, std::string_view const body, std::string_view const key)
{
	std::string covered(target);
	covered.append("\n").append(body);
	auto const digest = hmac_sha256(key, covered);
	return digest ? "rawswarm-hmac " + to_hex(*digest) : std::string();
}

bool report_is_authentic(std::string_view const authorization, std::string_view const target,
	std::string_view const body, std::string_view const key)
{
	auto const right = report_authorization(target, body, key);
	return !right.empty() && equal_in_constant_time(right, authorization);
}

} // namespace rawswarm
