// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/json_location.hpp"

#include "base/clean_text.hpp"

namespace rawswarm
{

std::string printable(std::string_view text)
{
	return cut_text(clean_text(text), max_printed_bytes);
}

place::place(fault kind, std::string source, std::string name)
	: m_kind(kind)
	, m_source(std::move(source))
	, m_name(std::move(name))
{}

place place::in_manifest(std::string_view base)
{
	auto const source = base == "-" ? std::string("standard input") : printable(base);
	return {fault::refused, fmt::format("reading {}: ", source), {}};
}

place place::of_flag(std::string_view flag)
{
	return {fault::usage, {}, std::string(flag)};
}

place place::member(std::string_view key) const
{
	std::string escaped;
	for (char const c : printable(key))
	{
		switch (c)
		{
		case '~': escaped += "~0"; break;
		case '/': escaped += "~1"; break;
		default: escaped += c;
		}
	}
	return {m_kind, m_source, fmt::format("{}/{}", m_name, escaped)};
}

place place::element(std::size_t index) const
{
	return {m_kind, m_source, fmt::format("{}/{}", m_name, index)};
}

error place::refusal(std::string what) const
{
	return {m_kind, {}, fmt::format("{}{}{}{}", m_source, m_name, m_name.empty() ? "" : ": ", what)};
}

} // namespace rawswarm
