// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/job_validity.hpp"

#include "agent/manifest/json_location.hpp"
#include "base/clean_text.hpp"
#include "base/text.hpp"
#include "base/utc_time.hpp"
#include "base/version.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

std::string shown(std::string const& own)
{
	return own.empty() ? "none that can be read" : printable(own);
}

bool is_among(std::vector<std::string> const& wanted, std::string const& own)
{
	return !own.empty() && std::ranges::any_of(wanted, [&own](std::string const& one) {
		return equal_ignoring_case(one, own);
	});
}

// Every hardware address of the machine is its own, whichever it started by.
bool has_address_among(std::vector<std::string> const& wanted, machine_identity const& self)
{
	return is_among(wanted, self.mac) || std::ranges::any_of(self.macs, [&wanted](std::string const& mac) {
		return is_among(wanted, mac);
	});
}

result<void> check_machine(
	manifest_machines const& machines, machine_identity const& self, json_location const& at)
{
	if (!machines.macs.empty() && !has_address_among(machines.macs, self))
	{
		return at.member("mac").refuse("the job is for other machines, and this one has {}", shown(self.mac));
	}
	if (!machines.serials.empty() && !is_among(machines.serials, self.serial))
	{
		return at.member("serial").refuse(
			"the job is for other machines, and this one has {}", shown(self.serial));
	}
	if (!machines.uuids.empty() && !is_among(machines.uuids, self.uuid))
	{
		return at.member("uuid").refuse(
			"the job is for other machines, and this one has {}", shown(self.uuid));
	}
	return success();
}

error cannot_tell(json_location const& at, validity_bounds const& bounds)
{
	return at.refuse("this machine cannot tell: its clock is not set, {} is before the program was made",
		format_utc_time(bounds.now));
}

result<void> check_begin(
	std::chrono::sys_seconds const begin, validity_bounds const& bounds, json_location const& at)
{
	if (begin <= std::max(bounds.now, bounds.earliest))
	{
		return success();
	}
	if (bounds.now < bounds.earliest)
	{
		return cannot_tell(at, bounds);
	}
	return at.refuse(
		"the job is good from {}, and it is {}", format_utc_time(begin), format_utc_time(bounds.now));
}

result<void> check_end(
	std::chrono::sys_seconds const end, validity_bounds const& bounds, json_location const& at)
{
	auto const now = std::max(bounds.now, bounds.earliest);
	if (end < now)
	{
		return at.refuse(
			"the job was good until {}, and it is {}", format_utc_time(end), format_utc_time(now));
	}
	return bounds.now < bounds.earliest ? result<void>(cannot_tell(at, bounds)) : success();
}

} // namespace

validity_bounds bounds_of_now(std::int64_t const least_serial_number)
{
	using std::chrono::seconds;
	return {std::chrono::floor<seconds>(std::chrono::system_clock::now()),
		std::chrono::sys_seconds(seconds(version_time)), least_serial_number};
}

result<void> check_validity(manifest_validity const& validity, machine_identity const& self,
	validity_bounds const& bounds, std::string_view const name)
{
	auto const root = json_location::in_document(name);
	BOOST_OUTCOME_TRYV(check_machine(validity.machines, self, root.member("for")));
	if (validity.not_before)
	{
		BOOST_OUTCOME_TRYV(check_begin(*validity.not_before, bounds, root.member("not_before")));
	}
	if (validity.not_after)
	{
		BOOST_OUTCOME_TRYV(check_end(*validity.not_after, bounds, root.member("not_after")));
	}
	if (bounds.least_serial_number > 0 && !validity.serial_number)
	{
		return root.refuse(
			"\"serial_number\" is missing, this machine takes {} or more", bounds.least_serial_number);
	}
	if (validity.serial_number.value_or(bounds.least_serial_number) < bounds.least_serial_number)
	{
		return root.member("serial_number")
			.refuse("it is {}, this machine takes {} or more", *validity.serial_number,
				bounds.least_serial_number);
	}
	return success();
}

} // namespace rawswarm
