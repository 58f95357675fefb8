// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/boot_entry_keys.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace rawswarm
{

namespace
{

using nlohmann::json;

// Initial values, not measured: what the menu of a firmware shows on a line, and what a path needs.
constexpr std::size_t longest_label = 64;
constexpr std::size_t longest_loader = 255;

// Firmware has characters of two bytes, and fonts of its own: what every one of them shows.
result<std::string> check_shown(
	std::string_view const text, std::size_t const longest, json_location const& at)
{
	BOOST_OUTCOME_TRY(checked, check_text(text, at));
	bool const is_ascii =
		std::ranges::all_of(checked, [](char const c) { return static_cast<unsigned char>(c) <= '~'; });
	if (checked.size() > longest || !is_ascii)
	{
		return at.refuse("must have at most {} characters, all of them ASCII", longest);
	}
	return checked;
}

result<std::string> check_label(std::string_view const text, json_location const& at)
{
	return check_shown(text, longest_label, at);
}

result<std::string> check_loader(std::string_view const text, json_location const& at)
{
	BOOST_OUTCOME_TRY(path, check_shown(text, longest_loader, at));
	std::ranges::replace(path, '/', '\\');
	auto const parts = split(path, '\\');
	bool const is_clean = std::ranges::all_of(parts.begin() + 1, parts.end(),
		[](std::string_view const part) { return !part.empty() && part != "." && part != ".."; });
	if (!path.starts_with('\\') || !is_clean)
	{
		return at.refuse(
			"must be a path from the root of the EFI system partition, without \"..\" and the like");
	}
	return path;
}

result<bool> check_order(std::string_view const text, json_location const& at)
{
	if (text != "first" && text != "last")
	{
		return at.refuse("must be \"first\" or \"last\", not \"{}\"", text);
	}
	return text == "first";
}

constexpr manifest_key<boot_entry_request> boot_entry_keys[] = {
	{"label", text<check_label, &boot_entry_request::label>},
	{"loader", part<check_loader, &boot_entry_request::loader>},
	{"order", text<check_order, &boot_entry_request::first>},
	{"next", flag<&boot_entry_request::next>},
};

} // namespace

result<void> read_boot_entry(
	json const& value, json_location const& at, reading const& how, manifest_target& out)
{
	if (value.is_boolean())
	{
		if (value.get<bool>())
		{
			out.boot_entry.emplace();
		}
		return success();
	}
	if (!value.is_object())
	{
		return at.refuse("must be true, false or an object");
	}
	return read_object(value, at, boot_entry_keys, how, out.boot_entry.emplace());
}

result<void> check_labels_differ(std::span<manifest_target const> const targets, json_location const& at)
{
	std::map<std::string_view, std::size_t> seen;
	for (std::size_t i = 0; i < targets.size(); ++i)
	{
		if (!targets[i].boot_entry)
		{
			continue;
		}
		auto const [first, is_new] = seen.emplace(targets[i].boot_entry->label, i);
		if (!is_new)
		{
			return at.element(i)
				.member("boot_entry")
				.refuse("the label of {} already, whose entry it would replace",
					at.element(first->second).name());
		}
	}
	return success();
}

} // namespace rawswarm
