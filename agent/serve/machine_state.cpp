// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/machine_state.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace rawswarm
{

bool is_at_work(std::string_view const heard) noexcept
{
	constexpr std::array<std::string_view, 8> working{"starting", "planning", "partitioning", "checking",
		"downloading", "flushing", "verifying", "finishing"};
	return std::ranges::find(working, heard) != working.end();
}

std::string machine_state(nlohmann::ordered_json const& machine, std::string_view const heard)
{
	if (machine.contains("job"))
	{
		return heard.empty() ? "started" : std::string(heard);
	}
	auto const error_at =
		machine.value("error", nlohmann::ordered_json::object()).value("at", std::int64_t(0));
	if (error_at > machine.value("given_at", std::int64_t(0)))
	{
		return "failed";
	}
	auto const next = machine.value("next", std::string("disk"));
	if (next != "disk")
	{
		return next == "image" ? "ordered" : "capture";
	}
	return machine.contains("given") ? "done" : "own disk";
}

} // namespace rawswarm
