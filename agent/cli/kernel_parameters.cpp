// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/kernel_parameters.hpp"

#include "agent/manifest/manifest_checks.hpp"
#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

constexpr std::string_view prefix = "rd.rawswarm.";

// The length of the first token of text, which ends at the first blank outside of quotes.
std::size_t token_length(std::string_view const text)
{
	bool quoted = false;
	std::size_t i = 0;
	for (; i < text.size() && (quoted || !is_blank(text[i])); ++i)
	{
		quoted = quoted != (text[i] == '"');
	}
	return i;
}

// The kernel drops a quote at the beginning of a token or value and then one at its end, and keeps all
// others.
std::string_view without_quotes(std::string_view text)
{
	if (text.starts_with('"'))
	{
		text.remove_prefix(1);
		text.remove_suffix(text.ends_with('"') ? 1 : 0);
	}
	return text;
}

kernel_parameter parse_token(std::string_view token)
{
	token = without_quotes(token);
	auto const equals = token.find('=');
	if (equals == std::string_view::npos)
	{
		return {std::string(token), {}};
	}
	return {std::string(token.substr(0, equals)), std::string(without_quotes(token.substr(equals + 1)))};
}

using setter = result<void> (*)(std::string_view, json_location const&, kernel_parameters&);

result<void> set_job(std::string_view value, json_location const& at, kernel_parameters& out)
{
	BOOST_OUTCOME_TRY(job, check_text(value, at));
	if (job == "-")
	{
		return at.refuse("must be a path or URL: nobody writes to the standard input of a boot");
	}
	out.job = std::move(job);
	return success();
}

result<void> set_key(std::string_view value, json_location const& at, kernel_parameters& out)
{
	BOOST_OUTCOME_TRY(key, check_value(parse_path, value, at));
	out.key = std::move(key);
	return success();
}

result<void> set_serial_number(std::string_view value, json_location const& at, kernel_parameters& out)
{
	auto const least = parse_number<std::int64_t>(value);
	if (!least || *least < 0)
	{
		return at.refuse("must be a number from 0, not \"{}\"", printable(value));
	}
	out.least_serial_number = *least;
	return success();
}

result<void> set_log(std::string_view value, json_location const& at, kernel_parameters& out)
{
	BOOST_OUTCOME_TRY(levels, check_log_levels(value, at));
	out.log = levels;
	return success();
}

result<void> add_beacon(std::string_view value, json_location const& at, kernel_parameters& out)
{
	BOOST_OUTCOME_TRY(to, check_value(parse_destination, value, at));
	out.beacons.push_back(std::move(to));
	return success();
}

result<void> set_timeout(std::string_view value, json_location const& at, kernel_parameters& out)
{
	auto const seconds = parse_number<std::int64_t>(value);
	if (!seconds)
	{
		return at.refuse("must be a number of seconds, not \"{}\"", printable(value));
	}
	BOOST_OUTCOME_TRY(timeout, check_seconds(*seconds, at));
	out.timeout = timeout;
	return success();
}

result<void> set_on_success(std::string_view value, json_location const& at, kernel_parameters& out)
{
	BOOST_OUTCOME_TRY(action, check_on_success(value, at));
	out.on_success = action;
	return success();
}

result<void> set_on_failure(std::string_view value, json_location const& at, kernel_parameters& out)
{
	BOOST_OUTCOME_TRY(action, check_on_failure(value, at));
	out.on_failure = action;
	return success();
}

result<void> set_sandbox(std::string_view value, json_location const& at, kernel_parameters& out)
{
	if (value != "on" && value != "off")
	{
		return at.refuse("must be on or off, not \"{}\"", printable(value));
	}
	out.sandbox = value == "on";
	return success();
}

struct known_parameter
{
	std::string_view name;
	setter set;
};

constexpr known_parameter known_parameters[] = {
	{"job", set_job},
	{"key", set_key},
	{"serial_number", set_serial_number},
	{"log", set_log},
	{"beacon", add_beacon},
	{"timeout", set_timeout},
	{"on_success", set_on_success},
	{"on_failure", set_on_failure},
	{"sandbox", set_sandbox},
};

result<void> set_parameter(kernel_parameter const& parameter, kernel_parameters& out)
{
	auto const at = json_location::of_flag(printable(parameter.name));
	auto const found =
		std::ranges::find(known_parameters, parameter.name.substr(prefix.size()), &known_parameter::name);
	if (found == std::end(known_parameters))
	{
		return at.refuse("unknown kernel parameter");
	}
	if (!parameter.value || parameter.value->empty())
	{
		return at.refuse("needs a value");
	}
	return found->set(*parameter.value, at, out);
}

result<void> set_bootif(kernel_parameter const& parameter, kernel_parameters& out)
{
	out.boot_mac = mac_from_bootif(parameter.value.value_or(""));
	if (out.boot_mac.empty())
	{
		return json_location::of_flag("BOOTIF").refuse(
			"must be a hardware address such as 01-52-54-00-12-34-56");
	}
	return success();
}

} // namespace

std::vector<kernel_parameter> split_kernel_command_line(std::string_view text)
{
	std::vector<kernel_parameter> parameters;
	while (true)
	{
		text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
		if (text.empty())
		{
			return parameters;
		}
		auto const length = token_length(text);
		parameters.push_back(parse_token(text.substr(0, length)));
		text.remove_prefix(length);
	}
}

std::string mac_from_bootif(std::string_view const value)
{
	constexpr std::size_t lengths[] = {6, 8, 20}; // octets: Ethernet, a port's GUID, IP over InfiniBand
	bool const separated = value.find_first_of("-:") != std::string_view::npos;
	std::size_t const step = separated ? 3 : 2;
	std::string mac;
	for (std::size_t i = 0; i < value.size(); i += step)
	{
		bool const complete = value.size() - i >= 2 && is_hex_digit(value[i]) && is_hex_digit(value[i + 1]);
		bool const separator_follows = value.size() - i == 2 || !separated
			|| (value.size() - i > 3 && (value[i + 2] == '-' || value[i + 2] == ':'));
		if (!complete || !separator_follows)
		{
			return {};
		}
		mac += (mac.empty() ? "" : ":") + lower_case(value.substr(i, 2));
	}
	auto const octets = (mac.size() + 1) / 3;
	auto const is_length = [&lengths](std::size_t const n) {
		return std::ranges::find(lengths, n) != std::end(lengths);
	};
	if (is_length(octets))
	{
		return mac;
	}
	return octets > 0 && is_length(octets - 1) ? mac.substr(3) : std::string();
}

kernel_parameters read_kernel_parameters(std::string_view const command_line)
{
	kernel_parameters out;
	auto const keep_first = [&out](result<void> const& done) {
		if (!done && !out.mistake)
		{
			out.mistake = done.error();
		}
	};
	std::optional<kernel_parameter> bootif;
	for (auto& parameter : split_kernel_command_line(command_line))
	{
		if (parameter.name.starts_with(prefix))
		{
			keep_first(set_parameter(parameter, out));
		}
		else if (parameter.name == "BOOTIF")
		{
			bootif = std::move(parameter);
		}
	}
	// BOOTIF belongs to the host, so without a job a wrong one is not our concern
	if (bootif && !out.job.empty())
	{
		keep_first(set_bootif(*bootif, out));
	}
	return out;
}

} // namespace rawswarm
