// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/boot_entries.hpp"

#include "agent/machine/load_option.hpp"
#include "base/parse_number.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace rawswarm
{

namespace
{

using entry_number = std::uint16_t;
using numbers = std::vector<entry_number>;

constexpr std::string_view prefix = "Boot";
constexpr char const* order_name = "BootOrder";
constexpr char const* next_name = "BootNext";

std::string name_of(entry_number const number)
{
	return fmt::format("{}{:04X}", prefix, number);
}

bool contains(numbers const& list, entry_number const number)
{
	return std::ranges::find(list, number) != list.end();
}

// Of the entries that are there. A name with lower-case digits is none: the specification has upper case.
numbers numbers_of(efi_variables const& variables)
{
	numbers found;
	for (auto const& name : variables.names())
	{
		auto const number = name.starts_with(prefix)
			? parse_number<entry_number>(std::string_view(name).substr(prefix.size()), 16)
			: std::nullopt;
		if (number && name == name_of(*number))
		{
			found.push_back(*number);
		}
	}
	std::ranges::sort(found);
	return found;
}

std::string to_bytes(std::span<entry_number const> const list)
{
	std::string bytes;
	for (auto const number : list)
	{
		bytes += static_cast<char>(number & 0xff);
		bytes += static_cast<char>(number >> 8);
	}
	return bytes;
}

result<numbers> read_order(efi_variables const& variables)
{
	BOOST_OUTCOME_TRY(bytes, variables.read(order_name));
	numbers order;
	for (std::size_t i = 0; bytes && i + 1 < bytes->size(); i += 2)
	{
		auto const low = static_cast<unsigned char>((*bytes)[i]);
		auto const high = static_cast<unsigned char>((*bytes)[i + 1]);
		order.push_back(static_cast<entry_number>(low | high << 8));
	}
	return order;
}

// Those that have the label, in the order in which they are tried.
result<numbers> with_label(
	efi_variables const& variables, numbers const& all, numbers const& order, std::string_view const label)
{
	numbers found;
	for (auto const number : all)
	{
		BOOST_OUTCOME_TRY(option, variables.read(name_of(number)));
		if (option && has_label(*option, label))
		{
			found.push_back(number);
		}
	}
	std::ranges::stable_sort(found, {},
		[&](entry_number const number) { return std::ranges::find(order, number) - order.begin(); });
	return found;
}

// One that neither has an entry nor is waited for by the order.
std::optional<entry_number> free_number(numbers const& all, numbers const& order)
{
	for (std::uint32_t i = 0; i <= std::numeric_limits<entry_number>::max(); ++i)
	{
		auto const number = static_cast<entry_number>(i);
		if (!contains(all, number) && !contains(order, number))
		{
			return number;
		}
	}
	return std::nullopt;
}

numbers new_order(
	numbers order, entry_number const ours, std::span<entry_number const> const others, bool const first)
{
	std::erase_if(order, [&](entry_number const n) { return std::ranges::find(others, n) != others.end(); });
	if (first)
	{
		std::erase(order, ours);
		order.insert(order.begin(), ours);
	}
	else if (!contains(order, ours))
	{
		order.push_back(ours);
	}
	return order;
}

} // namespace

result<std::string> put_boot_entry(efi_variables const& variables, boot_entry const& entry)
{
	auto const all = numbers_of(variables);
	BOOST_OUTCOME_TRY(order, read_order(variables));
	BOOST_OUTCOME_TRY(found, with_label(variables, all, order, entry.label));
	auto const ours = found.empty() ? free_number(all, order) : found.front();
	if (!ours)
	{
		return fail(fault::device, "the firmware has {} entries, and no number is left", all.size());
	}
	auto const others = std::span(found).subspan(found.empty() ? 0 : 1);
	BOOST_OUTCOME_TRYV(variables.write(name_of(*ours), entry.option));
	BOOST_OUTCOME_TRYV(variables.write(order_name, to_bytes(new_order(order, *ours, others, entry.first))));
	for (auto const other : others)
	{
		BOOST_OUTCOME_TRYV(variables.remove(name_of(other)));
	}
	if (entry.next)
	{
		BOOST_OUTCOME_TRYV(variables.write(next_name, to_bytes({&*ours, 1})));
	}
	return name_of(*ours);
}

} // namespace rawswarm
