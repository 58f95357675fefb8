// SPDX-License-Identifier: BSD-3-Clause
// Where a job, a torrent, a key or a signature is read from: standard input, a path, or an http or https URL.
//
// A value type. Parsing is pure; the text of an error is the reason alone.
#pragma once

#include "agent/net/url.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace rawswarm
{

class location
{
public:
	location() = default; // the empty path: nothing is named yet
	explicit location(url at)
		: m_where(std::move(at))
	{}

	static location standard_input();
	static location of_path(std::string path);

	bool is_standard_input() const { return std::holds_alternative<stdin_tag>(m_where); }

	// Null if it is something else.
	std::string const* as_path() const { return std::get_if<std::string>(&m_where); }
	url const* as_url() const { return std::get_if<url>(&m_where); }

	bool operator==(location const&) const = default;

private:
	struct stdin_tag
	{
		bool operator==(stdin_tag const&) const = default;
	};

	std::variant<std::string, url, stdin_tag> m_where;
};

// A path: not empty, no URL, no control characters. fault::refused.
result<std::string> parse_path(std::string_view text);

// "-" is standard input; what begins with a scheme and "://" is a URL, all else a path. fault::refused.
result<location> parse_location(std::string_view text);

// The location that a reference means in the text that came from `base`: relative to its folder or its URL. A
// reference of an absolute path or URL means itself; in a text from standard input paths are relative to the
// working directory. "-" is a path like any other here. fault::refused.
result<location> resolve(location const& base, std::string_view reference);

// As parse_location() takes it.
std::string to_string(location const& where);

// For messages: "standard input", a path, or a URL as printable_uri() shows it.
std::string describe(location const& where);

} // namespace rawswarm
