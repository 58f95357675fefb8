// SPDX-License-Identifier: BSD-3-Clause
// The lines of the agent's socket (agent/control/control_message.hpp), and the orders and settings in them:
// what is taken means the same when it is written and read again, in one line of ASCII; what is refused is
// said in one line.
//
// Compiled with: agent/control/control_message.cpp agent/log/log_levels.cpp agent/manifest/json_location.cpp
// Compiled with: agent/manifest/json_reader.cpp agent/manifest/manifest_checks.cpp
// Compiled with: agent/manifest/settings_change.cpp agent/serve/room_request.cpp base/clean_text.cpp
// Compiled with: base/parse_size.cpp base/text.cpp storage/device/device_profile.cpp
#include "agent/control/control_message.hpp"

#include "agent/log/log_levels.hpp"
#include "agent/manifest/settings_change.hpp"
#include "agent/serve/room_request.hpp"
#include "tests/fuzz/require.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace
{

using namespace rawswarm;
using fuzz::require;

void require_line(std::string const& line)
{
	require(line.ends_with('\n'));
	require(std::ranges::all_of(std::string_view(line).substr(0, line.size() - 1),
		[](char const c) { return c >= 0x20 && c < 0x7f; }));
}

void check_settings(control_request const& request)
{
	auto const change = parse_settings_change(request.words);
	if (!change)
	{
		require(change.error().kind == fault::usage);
		fuzz::require_one_line(change.error().text);
		return;
	}
	auto const& c = change.value();
	require(!c.memory || !*c.memory || **c.memory > 0);
	require(c.writers.value_or(1) > 0 && c.readers.value_or(1) > 0);
}

void check_order(std::string_view const text)
{
	auto const order = parse_room_request(text);
	if (!order)
	{
		fuzz::require_one_line(order.error().text);
		return;
	}
	auto const again = parse_room_request(room_request_as_json(order.value()));
	require(again && again.value() == order.value());
}

void check_levels(std::string_view const text)
{
	auto const levels = log::parse_levels(text);
	if (levels && !levels.value().empty())
	{
		auto const again = log::parse_levels(to_string(levels.value()));
		require(again && again.value() == levels.value());
	}
}

void check_request(control_request const& request)
{
	auto const line = request_line(request);
	require_line(line);
	auto const again = parse_request(line);
	require(again && again.value().verb == request.verb && again.value().as_text == request.as_text);
	require(request_line(again.value()) == line);
	switch (request.verb)
	{
	case control_verb::log: check_levels(request.levels); break;
	case control_verb::room: check_order(request.room); break;
	case control_verb::set:
		require(again.value().words == request.words);
		check_settings(request);
		break;
	case control_verb::status:
	case control_verb::stop: break;
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* const data, std::size_t const size)
{
	auto const line = fuzz::text_of(data, size);
	if (auto const request = parse_request(line))
	{
		check_request(request.value());
	}
	else
	{
		require(request.error().kind == fault::refused);
		fuzz::require_one_line(request.error().text);
		require_line(error_line(request.error()));
	}
	if (auto const answer = parse_answer(line))
	{
		require_line(answer_line(answer.value()));
	}
	else
	{
		fuzz::require_one_line(answer.error().text);
		auto const again = parse_answer(error_line(answer.error()));
		require(
			!again && again.error().kind == answer.error().kind && again.error().text == answer.error().text);
	}
	return 0;
}
