// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/room_table.hpp"

#include "agent/control/control_message.hpp"
#include "agent/watch/text_columns.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <vector>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;
constexpr std::size_t column_count = 8;
using row = std::array<std::string, column_count>;

constexpr std::size_t widest_column = 40; // but for the last one
constexpr std::size_t most_named = 10; // machines in a sentence

std::int64_t number_of(json const& object, char const* const key)
{
	auto const it = object.find(key);
	return it != object.end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
}

json member(json const& object, char const* const key)
{
	auto const it = object.find(key);
	return it != object.end() && it->is_object() ? *it : json::object();
}

std::vector<std::string> texts_of(json const& object, char const* const key)
{
	std::vector<std::string> texts;
	auto const it = object.find(key);
	if (it != object.end() && it->is_array())
	{
		for (auto const& text : *it)
		{
			texts.push_back(text.is_string() ? text.get<std::string>() : std::string());
		}
	}
	return texts;
}

bool is_known(json const& machine)
{
	return machine.value("known", json()) != json(false);
}

// By this machine's clock and time zone.
std::string time_text(std::int64_t const seconds)
{
	auto const when = static_cast<std::time_t>(seconds);
	std::tm parts{};
	std::array<char, 32> text{};
	bool const is_shown = seconds > 0 && ::localtime_r(&when, &parts) != nullptr
		&& std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts) > 0;
	return is_shown ? text.data() : "";
}

// What it last got or was given to do; otherwise when it was seen.
std::int64_t time_of(json const& machine)
{
	for (auto const at : {number_of(member(machine, "job"), "at"), number_of(machine, "given_at")})
	{
		if (at > 0)
		{
			return at;
		}
	}
	return number_of(machine, "seen_at");
}

std::string next_of(json const& machine)
{
	auto const next = text_of(machine, "next");
	if (next == "capture")
	{
		return "capture as " + text_of(machine, "capture");
	}
	return next == "image" ? text_of(machine, "next_image") : "own disk";
}

std::string state_of(json const& machine)
{
	auto const percent = machine.find("percent");
	auto const state = text_of(machine, "state");
	return percent != machine.end() && percent->is_number()
		? fmt::format("{} {}%", state, static_cast<int>(percent->get<double>())) // 100 only when it is
		: state;
}

// Why it cannot have what it is to have, or how its last job failed.
std::string trouble_of(json const& machine)
{
	auto const trouble = text_of(machine, "trouble");
	return trouble.empty() ? text_of(member(machine, "error"), "text") : trouble;
}

row row_of(json const& machine)
{
	bool const is_old = machine.value("outdated", json()) == json(true);
	return {text_of(machine, "name"), text_of(machine, "mac"),
		is_known(machine) ? fmt::format("{}", fmt::join(texts_of(machine, "groups"), ",")) : "(unknown)",
		next_of(machine), text_of(machine, "given") + (is_old ? " (older)" : ""), state_of(machine),
		time_text(time_of(machine)), trouble_of(machine)};
}

std::string table_text(std::vector<row> const& rows)
{
	std::array<std::size_t, column_count> widths{};
	for (auto const& r : rows)
	{
		for (std::size_t i = 0; i < column_count; ++i)
		{
			widths.at(i) =
				std::max({widths.at(i), std::min(columns_of(r.at(i)), widest_column), std::size_t(1)});
		}
	}
	std::string text;
	for (auto const& r : rows)
	{
		for (std::size_t i = 0; i + 1 < column_count; ++i)
		{
			text += in_columns(r.at(i).empty() ? "-" : r.at(i), widths.at(i)) + "  ";
		}
		text += cut_to_columns(r.back(), 200);
		text.erase(text.find_last_not_of(' ') + 1);
		text += "\n";
	}
	return text;
}

std::string images_text(json const& list)
{
	std::string text;
	for (auto const& image : list.value("images", json::array()))
	{
		auto const error = text_of(image, "error");
		text += fmt::format("{}{}{}", text.empty() ? "" : ", ", text_of(image, "name"),
			error.empty() ? "" : fmt::format(" ({})", error));
	}
	return text.empty() ? "none" : text;
}

} // namespace

std::string room_table(json const& list)
{
	std::vector<row> rows{{"MACHINE", "MAC", "GROUP", "NEXT", "HAS", "STATE", "WHEN", "ERROR"}};
	auto const machines = list.value("machines", json::array());
	for (bool const known : {true, false})
	{
		for (auto const& machine : machines)
		{
			if (machine.is_object() && is_known(machine) == known)
			{
				rows.push_back(row_of(machine));
			}
		}
	}
	auto text =
		cut_to_columns(fmt::format("room {}; images: {}", text_of(list, "room"), images_text(list)), 500)
		+ "\n";
	if (auto const error = text_of(list, "error"); !error.empty())
	{
		text += cut_to_columns(error, 500) + "\n";
	}
	return text + (rows.size() > 1 ? table_text(rows) : "no machines yet\n");
}

std::string order_text(json const& answer)
{
	auto names = texts_of(answer, "machines");
	auto const count = names.size();
	names.resize(std::min(count, most_named));
	auto const order = text_of(answer, "order");
	auto const image = text_of(answer, "image");
	auto const done = order == "image" ? image + " is ordered for"
		: order == "capture"           ? image + " will be captured from"
		: order == "wake"              ? "woken:"
		: order == "cancel"            ? "taken back for"
									   : "forgotten:";
	return cut_to_columns(fmt::format("{} {}{}", done, fmt::join(names, ", "),
							  count > names.size() ? fmt::format(" and {} more", count - names.size()) : ""),
			   2000)
		+ "\n";
}

} // namespace rawswarm
