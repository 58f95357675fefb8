// SPDX-License-Identifier: BSD-3-Clause
#include "agent/net/location.hpp"

#include "agent/net/uri_reference.hpp"
#include "base/clean_text.hpp"
#include "base/text.hpp"

#include <filesystem>

namespace rawswarm
{

namespace
{

constexpr std::string_view standard_input_text = "-";

result<std::string> check_path_text(std::string_view text)
{
	if (text.empty())
	{
		return fail(fault::refused, "must not be empty");
	}
	if (has_control_characters(text))
	{
		return fail(fault::refused, "must not contain control characters");
	}
	return std::string(text);
}

result<location> parse_url_or_refuse(std::string_view text)
{
	auto const scheme = lower_case(split_uri(text).scheme.value_or(""));
	if (scheme != "http" && scheme != "https")
	{
		return fail(
			fault::refused, "must be a path or an http or https URL, not \"{}\"", printable_uri(text));
	}
	BOOST_OUTCOME_TRY(parsed, parse_url(text));
	return location(std::move(parsed));
}

} // namespace

location location::standard_input()
{
	location where;
	where.m_where = stdin_tag();
	return where;
}

location location::of_path(std::string path)
{
	location where;
	where.m_where = std::move(path);
	return where;
}

result<std::string> parse_path(std::string_view text)
{
	if (has_url_scheme(text))
	{
		return fail(fault::refused, "must be a path, not \"{}\"", printable_uri(text));
	}
	return check_path_text(text);
}

result<location> parse_location(std::string_view text)
{
	if (text == standard_input_text)
	{
		return location::standard_input();
	}
	if (has_url_scheme(text))
	{
		return parse_url_or_refuse(text);
	}
	BOOST_OUTCOME_TRY(path, check_path_text(text));
	return location::of_path(std::move(path));
}

result<location> resolve(location const& base, std::string_view reference)
{
	if (has_url_scheme(reference))
	{
		return parse_url_or_refuse(reference);
	}
	BOOST_OUTCOME_TRY(path, check_path_text(reference));
	if (auto const* const at = base.as_url())
	{
		BOOST_OUTCOME_TRY(resolved, resolve(*at, path));
		return location(std::move(resolved));
	}
	if (auto const* const at = base.as_path())
	{
		// operator/ leaves an absolute path as it is
		path = (std::filesystem::path(*at).parent_path() / path).string();
	}
	return location::of_path(std::move(path));
}

std::string to_string(location const& where)
{
	if (auto const* const at = where.as_url())
	{
		return to_string(*at);
	}
	auto const* const path = where.as_path();
	return path != nullptr ? *path : std::string(standard_input_text);
}

std::string describe(location const& where)
{
	if (auto const* const at = where.as_url())
	{
		return printable_uri(*at);
	}
	return where.is_standard_input() ? "standard input" : to_string(where);
}

} // namespace rawswarm
