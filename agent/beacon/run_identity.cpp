// SPDX-License-Identifier: BSD-3-Clause
#include "agent/beacon/run_identity.hpp"

#include "base/read_file.hpp"
#include "base/text.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <ctime>

#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::size_t boot_digits = 16; // 64 bits: two boots of one machine do not meet
constexpr std::size_t max_boot_id_bytes = 64;

} // namespace

std::string make_run_id()
{
	std::array<unsigned char, 16> bytes{};
	if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
	{
		// No randomness is available: two starts must differ all the same.
		auto const now = std::chrono::system_clock::now().time_since_epoch().count();
		auto const pid = ::getpid();
		std::memcpy(bytes.data(), &now, sizeof(now));
		std::memcpy(bytes.data() + sizeof(now), &pid, sizeof(pid));
	}
	return to_hex(bytes);
}

std::string this_boot()
{
	auto const told = read_file("/proc/sys/kernel/random/boot_id", max_boot_id_bytes, "the kernel's boot");
	std::string digits;
	if (told)
	{
		std::ranges::copy_if(told.value(), std::back_inserter(digits), is_hex_digit);
	}
	return digits.size() < boot_digits ? std::string() : digits.substr(0, boot_digits);
}

std::int64_t since_boot_ms()
{
	timespec now{};
	::clock_gettime(CLOCK_BOOTTIME, &now);
	return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

} // namespace rawswarm
