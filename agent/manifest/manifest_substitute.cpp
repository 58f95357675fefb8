// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest_substitute.hpp"

#include "base/clean_text.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

struct machine_name
{
	std::string_view name;
	std::string machine_identity::*value;
};

constexpr machine_name machine_names[] = {
	{"mac", &machine_identity::mac},
	{"serial", &machine_identity::serial},
	{"uuid", &machine_identity::uuid},
	{"hostname", &machine_identity::hostname},
};

result<std::string> value_of(std::string_view name, machine_identity const& self)
{
	auto const found = std::ranges::find(machine_names, name, &machine_name::name);
	if (found == std::end(machine_names))
	{
		return fail(fault::refused,
			"substituting ${{{}}}: unknown name, must be one of mac, serial, uuid"
			" and hostname",
			printable(name));
	}
	if ((self.*found->value).empty())
	{
		return fail(fault::refused, "substituting ${{{}}}: this machine has none", name);
	}
	return self.*found->value;
}

} // namespace

result<std::string> substitute(std::string_view text, machine_identity const& self)
{
	std::string out;
	while (true)
	{
		auto const open = text.find("${");
		out += text.substr(0, open);
		if (open == std::string_view::npos)
		{
			return out;
		}
		auto const close = text.find('}', open);
		if (close == std::string_view::npos)
		{
			return fail(
				fault::refused, "substituting {}: the brace is not closed", printable(text.substr(open)));
		}
		BOOST_OUTCOME_TRY(value, value_of(text.substr(open + 2, close - open - 2), self));
		out += value;
		text.remove_prefix(close + 1);
	}
}

} // namespace rawswarm
