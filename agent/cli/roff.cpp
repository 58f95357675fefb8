// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/roff.hpp"

#include "base/version.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rawswarm
{

namespace
{

constexpr std::size_t line_bytes = 78; // mandoc finds fault with lines over 80

// What roff would print as another character, or read as its own.
std::string escaped(std::string_view const text, bool const hyphens)
{
	std::string out;
	for (std::size_t i = 0; i < text.size(); ++i)
	{
		bool const option = text.substr(i, 2) == "--" || (i > 0 && text.substr(i - 1, 2) == "--");
		switch (text[i])
		{
		case '\\': out += "\\e"; break;
		case '~': out += "\\(ti"; break;
		case '^': out += "\\(ha"; break;
		case '`': out += "\\(ga"; break;
		case '-': out += hyphens || option ? "\\-" : "-"; break;
		default: out += text[i];
		}
	}
	return out;
}

void add_line(std::string& out, std::string_view const line)
{
	bool const macro = line.starts_with('.') || line.starts_with('\'');
	out += fmt::format("{}{}\n", macro ? "\\&" : "", line);
}

} // namespace

std::string roff_lines(std::string_view const text)
{
	auto const safe = escaped(text, false);
	std::string out;
	std::string line;
	for (std::string_view rest = safe; !rest.empty();)
	{
		auto const word = rest.substr(0, rest.find(' '));
		rest.remove_prefix(std::min(rest.size(), word.size() + 1));
		if (!line.empty() && line.size() + 1 + word.size() > line_bytes)
		{
			add_line(out, line);
			line.clear();
		}
		line += fmt::format("{}{}", line.empty() ? "" : " ", word);
	}
	add_line(out, line);
	return out;
}

std::string roff_bold(std::string_view const text)
{
	return fmt::format("\\fB{}\\fR", escaped(text, true));
}

std::string roff_italic(std::string_view const text)
{
	return fmt::format("\\fI{}\\fR", escaped(text, true));
}

std::string roff_title(std::string_view const name, int const section)
{
	std::string capitals(name);
	std::ranges::transform(capitals, capitals.begin(),
		[](char const c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
	return fmt::format(".TH {} {} \"{}\" \"rawswarm {}\" \"{}\"\n", capitals, section, version_date, version,
		section == 5 ? "File Formats" : "System Administration");
}

} // namespace rawswarm
