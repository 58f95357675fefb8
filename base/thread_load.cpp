// SPDX-License-Identifier: BSD-3-Clause
#include "base/thread_load.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

std::chrono::nanoseconds time_run()
{
	std::timespec t{};
	::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

// "RUN WAIT SLICES", in nanoseconds.
std::optional<std::chrono::nanoseconds> run_and_wait(char const* const begin, char const* const end)
{
	std::int64_t run = 0;
	std::int64_t wait = 0;
	auto const first = std::from_chars(begin, end, run);
	if (first.ec != std::errc() || first.ptr == end)
	{
		return std::nullopt;
	}
	auto const second = std::from_chars(first.ptr + 1, end, wait);
	return second.ec == std::errc() ? std::optional(std::chrono::nanoseconds(run + wait)) : std::nullopt;
}

} // namespace

thread_load::thread_load()
	: m_schedstat(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC))
{}

std::chrono::nanoseconds thread_load::busy() const
{
	std::array<char, 128> text{};
	auto const length = ::pread(m_schedstat.get(), text.data(), text.size(), 0);
	auto const found = length > 0 ? run_and_wait(text.data(), text.data() + length) : std::nullopt;
	return found.value_or(time_run());
}

} // namespace rawswarm
