// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/json_location.hpp"

#include "base/clean_text.hpp"

namespace rawswarm
{

json_location::json_location(fault kind, std::string source, std::string name)
	: m_kind(kind)
	, m_source(std::move(source))
	, m_name(std::move(name))
{}

json_location json_location::in_document(std::string_view name)
{
	return {fault::refused, fmt::format("reading {}: ", printable(name)), {}};
}

json_location json_location::of_flag(std::string_view flag)
{
	return {fault::usage, {}, std::string(flag)};
}

json_location json_location::member(std::string_view key) const
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

json_location json_location::element(std::size_t index) const
{
	return {m_kind, m_source, fmt::format("{}/{}", m_name, index)};
}

error json_location::refusal(std::string what) const
{
	return {m_kind, {}, fmt::format("{}{}{}{}", m_source, m_name, m_name.empty() ? "" : ": ", what)};
}

} // namespace rawswarm
