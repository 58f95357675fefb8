// SPDX-License-Identifier: BSD-3-Clause
#include "base/utc_time.hpp"

#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace rawswarm
{

namespace
{

constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ"; // d: a digit

} // namespace

std::optional<std::chrono::sys_seconds> parse_utc_time(std::string_view const text)
{
	if (text.size() != form.size())
	{
		return std::nullopt;
	}
	for (std::size_t i = 0; i < form.size(); ++i)
	{
		if (form[i] == 'd' ? !is_digit(text[i]) : text[i] != form[i])
		{
			return std::nullopt;
		}
	}
	auto const number = [text](std::size_t const at, std::size_t const digits) {
		return parse_number<int>(text.substr(at, digits)).value_or(0);
	};
	std::chrono::year_month_day const day(std::chrono::year(number(0, 4)),
		std::chrono::month(static_cast<unsigned>(number(5, 2))),
		std::chrono::day(static_cast<unsigned>(number(8, 2))));
	auto const hours = number(11, 2);
	auto const minutes = number(14, 2);
	auto const seconds = number(17, 2);
	if (!day.ok() || hours > 23 || minutes > 59 || seconds > 59)
	{
		return std::nullopt;
	}
	return std::chrono::sys_days(day) + std::chrono::hours(hours) + std::chrono::minutes(minutes)
		+ std::chrono::seconds(seconds);
}

std::string format_utc_time(std::chrono::sys_seconds const time)
{
	auto const midnight = std::chrono::floor<std::chrono::days>(time);
	std::chrono::year_month_day const day(midnight);
	std::chrono::hh_mm_ss const clock(time - midnight);
	return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(day.year()), unsigned(day.month()),
		unsigned(day.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

} // namespace rawswarm
