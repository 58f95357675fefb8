// SPDX-License-Identifier: BSD-3-Clause
#include "base/machine_load.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

// The numbers of the first line, "cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL ...".
constexpr std::size_t numbers = 8;
constexpr std::array<bool, numbers> is_work{true, false, true, false, false, true, true, true};

} // namespace

machine_load::machine_load()
	: m_stat(::open("/proc/stat", O_RDONLY | O_CLOEXEC))
	, m_processors(static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))))
	, m_steps(static_cast<int>(std::max(1L, ::sysconf(_SC_CLK_TCK))))
{}

std::chrono::nanoseconds machine_load::busy() const
{
	std::array<char, 256> text{};
	auto const length = ::pread(m_stat.get(), text.data(), text.size(), 0);
	auto const found = length > 0
		? busy({text.data(), static_cast<std::size_t>(length)}, m_processors, m_steps)
		: std::nullopt;
	return found.value_or(std::chrono::nanoseconds(0));
}

std::optional<std::chrono::nanoseconds> machine_load::busy(
	std::string_view stat, int const processors, int const steps)
{
	if (!stat.starts_with("cpu "))
	{
		return std::nullopt;
	}
	stat.remove_prefix(4);
	std::int64_t work = 0;
	for (bool const counts : is_work)
	{
		stat.remove_prefix(std::min(stat.find_first_not_of(' '), stat.size()));
		std::int64_t number = 0;
		auto const [end, ec] = std::from_chars(stat.data(), stat.data() + stat.size(), number);
		if (ec != std::errc())
		{
			return std::nullopt;
		}
		work += counts ? number : 0;
		stat.remove_prefix(static_cast<std::size_t>(end - stat.data()));
	}
	constexpr std::int64_t second = 1'000'000'000;
	return std::chrono::nanoseconds(work * (second / steps) / processors);
}

} // namespace rawswarm
