// SPDX-License-Identifier: BSD-3-Clause
// Values of the command line, parsed by the checks of a job's values (agent/manifest/manifest_checks.hpp), so
// that a flag takes what a job takes.
//
// Pure. Errors are fault::usage and begin with the flag. check: as check_value() takes it.
#pragma once

#include "agent/manifest/json_location.hpp"
#include "agent/manifest/manifest_checks.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rawswarm
{

template <class Check, class T>
result<void> parse_flag(std::string const& value, char const* flag, Check check, T& out)
{
	BOOST_OUTCOME_TRY(checked, check_value(check, value, json_location::of_flag(flag)));
	out = std::move(checked);
	return success();
}

// A flag that may be left out.
template <class Check, class T>
result<void> parse_flag(
	std::optional<std::string> const& value, char const* flag, Check check, std::optional<T>& out)
{
	return value ? parse_flag(*value, flag, check, out) : result<void>(success());
}

// A flag that may be repeated. Appends.
template <class Check, class T>
result<void> parse_flag(
	std::vector<std::string> const& values, char const* flag, Check check, std::vector<T>& out)
{
	for (auto const& value : values)
	{
		BOOST_OUTCOME_TRY(checked, check_value(check, value, json_location::of_flag(flag)));
		out.push_back(std::move(checked));
	}
	return success();
}

} // namespace rawswarm
