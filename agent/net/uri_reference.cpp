// SPDX-License-Identifier: BSD-3-Clause
// The names of the parts and of the steps are those of RFC 3986, section 5.2 and appendix B.
#include "agent/manifest/manifest.hpp"
#include "agent/manifest/manifest_checks.hpp"
#include "agent/net/address.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace rawswarm
{

namespace
{

struct uri
{
	std::optional<std::string_view> scheme;
	std::optional<std::string_view> authority;
	std::string_view path;
	std::optional<std::string_view> query;
	std::optional<std::string_view> fragment;
};

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

uri parse(std::string_view text)
{
	uri u;
	u.fragment = take_tail(text, '#');
	u.query = take_tail(text, '?');
	if (auto const colon = text.find(':');
		colon != std::string_view::npos && is_url_scheme(text.substr(0, colon)))
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

std::string merge(uri const& base, std::string_view path)
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

std::string compose(uri const& u, std::string_view path)
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

std::string resolve_url(std::string_view base_text, std::string_view reference_text)
{
	auto const base = parse(base_text);
	auto target = parse(reference_text);
	if (target.scheme)
	{
		return std::string(reference_text);
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

} // namespace

std::string resolve(std::string_view base, std::string_view reference)
{
	if (is_http_url(base))
	{
		return resolve_url(base, reference);
	}
	if (base == "-" || has_url_scheme(reference))
	{
		return std::string(reference);
	}
	// operator/ leaves an absolute path as it is.
	return (std::filesystem::path(base).parent_path() / reference).string();
}

} // namespace rawswarm
