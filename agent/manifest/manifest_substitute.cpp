// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest_substitute.hpp"

#include "agent/net/uri_reference.hpp"
#include "base/clean_text.hpp"
#include "base/percent_encoded.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace rawswarm
{

namespace
{

std::string as_it_is(std::string const& value)
{
	return value;
}

std::string with_dashes(std::string const& mac)
{
	auto text = mac;
	std::ranges::replace(text, ':', '-');
	return text;
}

std::string digits_alone(std::string const& mac)
{
	auto text = mac;
	std::erase(text, ':');
	return text;
}

struct machine_name
{
	std::string_view name;
	std::string machine_identity::*value;
	std::string (*form)(std::string const&);
	bool of_network; // its value may come later
};

constexpr machine_name machine_names[] = {
	{"mac", &machine_identity::mac, as_it_is, true},
	{"mac:hex", &machine_identity::mac, as_it_is, true},
	{"mac:hexhyp", &machine_identity::mac, with_dashes, true},
	{"mac:hexraw", &machine_identity::mac, digits_alone, true},
	{"ip", &machine_identity::ip, as_it_is, true},
	{"serial", &machine_identity::serial, as_it_is, false},
	{"uuid", &machine_identity::uuid, as_it_is, false},
	{"hostname", &machine_identity::hostname, as_it_is, false},
};

result<std::string> value_of(std::string_view name, machine_identity const& self)
{
	auto const* const found = std::ranges::find(machine_names, name, &machine_name::name);
	if (found == std::end(machine_names))
	{
		return fail(fault::refused,
			"substituting ${{{}}}: unknown name, must be one of mac, mac:hexhyp, mac:hexraw, ip, serial, uuid"
			" and hostname",
			printable(name));
	}
	if ((self.*found->value).empty())
	{
		return fail(fault::refused, "substituting ${{{}}}: this machine has none", name);
	}
	return found->form(self.*found->value);
}

// The value as its place takes it.
result<std::string> fitted(std::string const& value, std::string_view const name, name_use const use)
{
	if (has_control_characters(value))
	{
		return fail(
			fault::refused, "substituting ${{{}}}: {} has control characters", name, printable(value));
	}
	bool const leads_away = use == name_use::url && value.find_first_not_of('.') == std::string::npos;
	if (leads_away || (use == name_use::part && !is_plain_name(value)))
	{
		return fail(fault::refused,
			"substituting ${{{}}}: \"{}\" is no plain name, and only one is put into {}", name,
			printable(value), use == name_use::url ? "a URL" : "a path, a script or a part of a word");
	}
	return use == name_use::url ? percent_encoded(value, ":") : value;
}

} // namespace

name_use use_in_location(std::string_view const text)
{
	return has_url_scheme(text) ? name_use::url : name_use::part;
}

bool is_plain_name(std::string_view const value)
{
	constexpr std::string_view others = "._-:";
	return !value.empty() && value.front() != '.' && value.front() != '-'
		&& std::ranges::all_of(value, [others](char const c) {
			   return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
		   });
}

result<std::string> substitute(std::string_view text, machine_identity const& self, name_use const use)
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
		auto const name = text.substr(open + 2, close - open - 2);
		BOOST_OUTCOME_TRY(value, value_of(name, self));
		BOOST_OUTCOME_TRY(fit, fitted(value, name, use));
		out += fit;
		text.remove_prefix(close + 1);
	}
}

bool waits_for_network(std::string_view const text, machine_identity const& self)
{
	return std::ranges::any_of(machine_names, [&](machine_name const& n) {
		return n.of_network && (self.*n.value).empty()
			&& text.find(fmt::format("${{{}}}", n.name)) != std::string_view::npos;
	});
}

} // namespace rawswarm
