// SPDX-License-Identifier: BSD-3-Clause
// Short texts of the system that others decide of: device numbers in /sys, a resolv.conf that was made from
// what DHCP said, hardware addresses, times and sizes in jobs. What is read is written and read as the same.
//
// Compiled with: agent/net/address.cpp agent/net/resolver_file.cpp agent/net/wake_on_lan.cpp
// Compiled with: base/canonical_text.cpp base/parse_size.cpp
// Compiled with: base/text.cpp base/utc_time.cpp storage/device/sys_block.cpp -lresolv
#include "agent/net/resolver_file.hpp"
#include "agent/net/wake_on_lan.hpp"
#include "base/parse_size.hpp"
#include "base/utc_time.hpp"
#include "storage/device/sys_block.hpp"
#include "tests/fuzz/require.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	using namespace rawswarm;
	using fuzz::require;
	auto const text = fuzz::text_of(data, size);
	if (auto const id = parse_device_id(text))
	{
		auto const again = parse_device_id(fmt::format("{}:{}", id->major_number, id->minor_number));
		require(again && again->major_number == id->major_number && again->minor_number == id->minor_number);
	}
	if (auto const mac = parse_mac_address(text))
	{
		require(parse_mac_address(fmt::format("{:02x}", fmt::join(*mac, ":"))) == mac);
		auto const packet = make_magic_packet(*mac);
		require(std::equal(mac->rbegin(), mac->rend(), packet.rbegin()));
	}
	if (auto const time = parse_utc_time(text))
	{
		require(parse_utc_time(format_utc_time(*time)) == time);
	}
	auto const bytes = parse_size(text);
	require(!bytes || (*bytes >= 0 && parse_size(fmt::format("{}", *bytes)) == bytes));
	require(servers_of_windows_file(text).size() <= size / 2 + 1);
	return 0;
}
