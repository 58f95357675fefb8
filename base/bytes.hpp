// SPDX-License-Identifier: BSD-3-Clause
// Sizes in bytes as literals: 16_KiB, 4_MiB, 1_GiB.
//
// Evaluated by the compiler, so that a size converts to any integer type that holds it and one that
// std::int64_t does not hold is no constant and does not compile.
#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>

namespace rawswarm
{

namespace detail
{

consteval std::int64_t scaled(unsigned long long const count, int const shift)
{
	if (count > static_cast<unsigned long long>(std::numeric_limits<std::int64_t>::max()) >> shift)
	{
		throw std::out_of_range("a size that std::int64_t does not hold");
	}
	return static_cast<std::int64_t>(count << shift);
}

} // namespace detail

consteval std::int64_t operator""_KiB(unsigned long long const count)
{
	return detail::scaled(count, 10);
}

consteval std::int64_t operator""_MiB(unsigned long long const count)
{
	return detail::scaled(count, 20);
}

consteval std::int64_t operator""_GiB(unsigned long long const count)
{
	return detail::scaled(count, 30);
}

consteval std::int64_t operator""_TiB(unsigned long long const count)
{
	return detail::scaled(count, 40);
}

} // namespace rawswarm
