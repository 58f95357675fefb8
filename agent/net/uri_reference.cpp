// SPDX-License-Identifier: BSD-3-Clause
// The names of the parts and of the steps are those of RFC 3986, section 5.2 and appendix B.
#include "agent/net/uri_reference.hpp"

#include "base/clean_text.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rawswarm
{

namespace
{

bool is_letter_or_digit(char c)
{
	return is_letter(c) || is_digit(c);
}

bool is_uri_character(char c)
{
	constexpr std::string_view others = "-._~:/?#[]@!$&'()*+,;=%";
	return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
}

bool is_scheme(std::string_view text)
{
	return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
		return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.';
	});
}

// Takes what follows the first of `mark` off the end of text.
std::optional<std::string_view> take_tail(std::string_view& text, char mark)
{
	auto const found = text.find(mark);
	if (found == std::string_view::npos)
	{
		return {};
	}
	auto const tail = text.substr(found + 1);
	text = text.substr(0, found);
	return tail;
}

std::string merge(uri_parts const& base, std::string_view path)
{
	if (base.authority && base.path.empty())
	{
		return "/" + std::string(path);
	}
	// npos + 1 is 0: without a slash nothing of the base is kept.
	return std::string(base.path.substr(0, base.path.rfind('/') + 1)) + std::string(path);
}

// Section 5.2.4, for a path that begins with a slash.
std::string remove_dot_segments(std::string_view path)
{
	std::string out;
	while (!path.empty())
	{
		auto const end = std::min(path.find('/', 1), path.size());
		auto const segment = path.substr(0, end);
		auto const last = end == path.size();
		if (segment == "/..")
		{
			out.erase(std::min(out.rfind('/'), out.size()));
		}
		else if (segment != "/.")
		{
			out += segment;
		}
		if (last && (segment == "/.." || segment == "/."))
		{
			out += '/';
		}
		path.remove_prefix(end);
	}
	return out;
}

std::string compose(uri_parts const& u, std::string_view path)
{
	std::string out;
	if (u.scheme)
	{
		out += std::string(*u.scheme) + ":";
	}
	if (u.authority)
	{
		out += "//" + std::string(*u.authority);
	}
	out += path;
	if (u.query)
	{
		out += "?" + std::string(*u.query);
	}
	if (u.fragment)
	{
		out += "#" + std::string(*u.fragment);
	}
	return out;
}

} // namespace

uri_parts split_uri(std::string_view text)
{
	uri_parts u;
	u.fragment = take_tail(text, '#');
	u.query = take_tail(text, '?');
	if (auto const colon = text.find(':');
		colon != std::string_view::npos && is_scheme(text.substr(0, colon)))
	{
		u.scheme = text.substr(0, colon);
		text.remove_prefix(colon + 1);
	}
	if (text.starts_with("//"))
	{
		text.remove_prefix(2);
		auto const end = std::min(text.find('/'), text.size());
		u.authority = text.substr(0, end);
		text.remove_prefix(end);
	}
	u.path = text;
	return u;
}

bool has_url_scheme(std::string_view text)
{
	auto const end = text.find("://");
	return end != std::string_view::npos && is_scheme(text.substr(0, end));
}

bool has_only_uri_characters(std::string_view text)
{
	return std::ranges::all_of(text, is_uri_character);
}

std::string printable_uri(std::string_view text)
{
	auto const parts = split_uri(text);
	auto const* const query = parts.query ? "?***" : "";
	text = text.substr(0, text.find_first_of("?#"));
	auto const authority = parts.authority.value_or("");
	auto const at = authority.rfind('@');
	if (at == std::string_view::npos)
	{
		return printable(fmt::format("{}{}", text, query));
	}
	auto const begin = static_cast<std::size_t>(authority.data() - text.data());
	return printable(fmt::format("{}***{}{}", text.substr(0, begin), text.substr(begin + at), query));
}

std::string resolve_reference(std::string_view base_text, std::string_view reference)
{
	auto const base = split_uri(base_text);
	auto target = split_uri(reference);
	if (target.scheme)
	{
		return std::string(reference);
	}
	target.scheme = base.scheme;
	if (target.authority)
	{
		return compose(target, remove_dot_segments(target.path));
	}
	target.authority = base.authority;
	if (target.path.empty())
	{
		target.query = target.query ? target.query : base.query;
		return compose(target, base.path);
	}
	if (target.path.front() == '/')
	{
		return compose(target, remove_dot_segments(target.path));
	}
	return compose(target, remove_dot_segments(merge(base, target.path)));
}

} // namespace rawswarm
