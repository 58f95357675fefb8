// SPDX-License-Identifier: BSD-3-Clause
#include "agent/web_seed/claim_message.hpp"

#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <array>
#include <bit>

namespace rawswarm
{

namespace
{

using piece_bytes = std::array<char, claim_bytes - 1>;

} // namespace

void append_claim(std::vector<char>& body, web_claim const claim)
{
	body.push_back(static_cast<char>(claim.what));
	auto const bytes =
		std::bit_cast<piece_bytes>(boost::endian::native_to_big(static_cast<std::uint32_t>(claim.piece)));
	body.insert(body.end(), bytes.begin(), bytes.end());
}

std::vector<web_claim> read_claims(std::span<char const> body)
{
	std::vector<web_claim> claims;
	for (; body.size() >= claim_bytes; body = body.subspan(claim_bytes))
	{
		auto const kind = static_cast<web_claim::kind>(body.front());
		if (kind != web_claim::kind::fetching && kind != web_claim::kind::dropped)
		{
			continue;
		}
		piece_bytes bytes{};
		std::ranges::copy(body.subspan(1, bytes.size()), bytes.begin());
		claims.push_back({kind, boost::endian::big_to_native(std::bit_cast<std::uint32_t>(bytes))});
	}
	return claims;
}

} // namespace rawswarm
