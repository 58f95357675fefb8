// SPDX-License-Identifier: BSD-3-Clause
// The kernel's command line (agent/cli/kernel_parameters.hpp), of which a boot server writes the most: every
// token is a part of it, what is taken has the form that the rest of the program relies on, and what is
// refused is said in one line.
//
// Compiled with: agent/cli/kernel_parameters.cpp agent/log/log_levels.cpp agent/manifest/json_location.cpp
// Compiled with: agent/manifest/manifest_checks.cpp agent/net/address.cpp agent/net/endpoint.cpp
// Compiled with: agent/net/location.cpp agent/net/uri_reference.cpp agent/net/url.cpp base/clean_text.cpp
// Compiled with: base/parse_size.cpp base/text.cpp storage/device/device_profile.cpp
#include "agent/cli/kernel_parameters.hpp"

#include "base/clean_text.hpp"
#include "base/text.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace
{

using rawswarm::fuzz::require;

bool is_address(std::string_view const mac)
{
	return std::ranges::all_of(mac, [](char const c) { return rawswarm::is_hex_digit(c) || c == ':'; });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	using namespace rawswarm;
	auto const line = fuzz::text_of(data, size);
	for (auto const& token : split_kernel_command_line(line))
	{
		require(line.find(token.name) != std::string_view::npos);
		require(!token.value || line.find(*token.value) != std::string_view::npos);
	}
	auto const p = read_kernel_parameters(line);
	require(!has_control_characters(p.job) && !has_control_characters(p.key) && p.job != "-");
	require(p.timeout.count() >= 0 && p.least_serial_number >= 0);
	require(is_address(p.boot_mac));
	if (p.mistake)
	{
		require(p.mistake->kind == fault::usage && !p.mistake->text.empty());
		require(!has_control_characters(p.mistake->text));
	}
	return 0;
}
