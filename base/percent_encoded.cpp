// SPDX-License-Identifier: BSD-3-Clause
#include "base/percent_encoded.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace rawswarm
{

std::string percent_encoded(std::string_view const text, std::string_view const kept)
{
	constexpr std::string_view unreserved = "-._~";
	std::string out;
	for (char const c : text)
	{
		bool const is_plain = is_letter(c) || is_digit(c) || unreserved.find(c) != std::string_view::npos
			|| kept.find(c) != std::string_view::npos;
		out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
	}
	return out;
}

} // namespace rawswarm
