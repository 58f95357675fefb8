// SPDX-License-Identifier: BSD-3-Clause
#include "base/utf8.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

constexpr std::size_t char_size(unsigned char lead) noexcept
{
	if (lead < 0x80)
	{
		return 1;
	}
	if (lead >= 0xc2 && lead < 0xe0)
	{
		return 2;
	}
	if (lead >= 0xe0 && lead < 0xf0)
	{
		return 3;
	}
	return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

} // namespace

utf8_character first_utf8_character(std::string_view const text) noexcept
{
	auto const lead = static_cast<unsigned char>(text.front());
	auto const size = char_size(lead);
	if (size <= 1)
	{
		return {size, lead};
	}
	if (text.size() < size
		|| !std::all_of(
			text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size), is_utf8_continuation))
	{
		return {};
	}
	std::uint32_t code = lead & (0x7fu >> size);
	for (auto const c : text.substr(1, size - 1))
	{
		code = (code << 6) | (static_cast<unsigned char>(c) & 0x3fu);
	}
	bool const too_long = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
	bool const surrogate = code >= 0xd800 && code < 0xe000;
	return too_long || surrogate || code > 0x10ffff ? utf8_character{} : utf8_character{size, code};
}

} // namespace rawswarm
