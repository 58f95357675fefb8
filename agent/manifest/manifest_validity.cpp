// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest_validity.hpp"

#include "base/canonical_text.hpp"
#include "base/clean_text.hpp"
#include "base/utc_time.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

using nlohmann::json;

constexpr std::size_t max_machines = 4096; // of one job; initial value, not measured: a building

result<std::string> check_mac(std::string_view const text, json_location const& at)
{
	auto mac = canonical_mac(text);
	if (!mac)
	{
		return at.refuse("must be a hardware address such as 52:54:00:12:34:56, not \"{}\"", printable(text));
	}
	return std::move(*mac);
}

result<std::string> check_uuid(std::string_view const text, json_location const& at)
{
	auto uuid = canonical_uuid(text);
	if (!uuid)
	{
		return at.refuse("must be a UUID, not \"{}\"", printable(text));
	}
	return std::move(*uuid);
}

// A machine's serial number has no name of a machine in it.
result<std::string> check_own_text(std::string_view const text, json_location const& at)
{
	if (text.find("${") != std::string_view::npos)
	{
		return at.refuse("must not be a name that each machine replaces by its own");
	}
	return check_text(text, at);
}

// One, or a list of them.
template <auto Check, auto Member>
result<void> values(json const& value, json_location const& at, reading const&, manifest_machines& out)
{
	auto const read_one = [&out](json const& element, json_location const& where) -> result<void> {
		BOOST_OUTCOME_TRY(text, read_string(element, where));
		BOOST_OUTCOME_TRY(checked, Check(text, where));
		(out.*Member).push_back(std::move(checked));
		return success();
	};
	if (!value.is_array())
	{
		return read_one(value, at);
	}
	if (value.empty() || value.size() > max_machines)
	{
		return at.refuse("must have from 1 to {} elements", max_machines);
	}
	return read_array(value, at, read_one);
}

constexpr manifest_key<manifest_machines> machine_keys[] = {
	{"mac", values<check_mac, &manifest_machines::macs>},
	{"serial", values<check_own_text, &manifest_machines::serials>},
	{"uuid", values<check_uuid, &manifest_machines::uuids>},
};

result<std::chrono::sys_seconds> read_time(json const& value, json_location const& at)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	auto const time = parse_utc_time(text);
	if (!time)
	{
		return at.refuse("must be a time in UTC such as 2026-11-29T18:00:00Z, not \"{}\"", printable(text));
	}
	return *time;
}

// An integer that every reader of JSON keeps (RFC 8259, section 6).
constexpr integer_range serial_number_range{1, (std::int64_t(1) << 53) - 1};

} // namespace

result<void> read_for(json const& value, json_location const& at, reading const& how, manifest& out)
{
	BOOST_OUTCOME_TRYV(read_object(value, at, machine_keys, how, out.validity.machines));
	return value.empty() ? result<void>(at.refuse("must say which machines")) : success();
}

result<void> read_not_before(json const& value, json_location const& at, reading const&, manifest& out)
{
	BOOST_OUTCOME_TRY(time, read_time(value, at));
	out.validity.not_before = time;
	return success();
}

result<void> read_not_after(json const& value, json_location const& at, reading const&, manifest& out)
{
	BOOST_OUTCOME_TRY(time, read_time(value, at));
	if (out.validity.not_before && time < *out.validity.not_before)
	{
		return at.refuse("must not be before not_before");
	}
	out.validity.not_after = time;
	return success();
}

result<void> read_serial_number(json const& value, json_location const& at, reading const&, manifest& out)
{
	return read_in_range(value, at, serial_number_range, out.validity.serial_number.emplace());
}

} // namespace rawswarm
