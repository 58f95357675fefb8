// SPDX-License-Identifier: BSD-3-Clause
// Every object of room.json is a table here: the names of its keys, and how each value is read.
#include "agent/room/room_parse.hpp"

#include "agent/manifest/json_reader.hpp"
#include "agent/manifest/manifest_checks.hpp"
#include "agent/room/boot_scripts.hpp"
#include "agent/room/job_keys.hpp"
#include "base/canonical_text.hpp"
#include "base/text.hpp"

#include <utility>

namespace rawswarm
{

namespace
{

using nlohmann::json;

constexpr std::size_t max_room_depth = 32;
constexpr std::size_t max_kernel_parameters = 1024; // bytes; a kernel takes 2,048 in all on x86
constexpr bool required = true;

// What the readers share: nothing yet.
struct room_reading
{};

template <class T>
using room_key = json_key<T, room_reading>;

result<std::string> read_name(json const& value, json_location const& at)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	if (!is_room_name(text))
	{
		return at.refuse("must be a name of letters, digits, '.', '_' and '-', 63 at most");
	}
	return text;
}

template <class T>
result<void> read_its_name(json const& value, json_location const& at, room_reading const&, T& out)
{
	BOOST_OUTCOME_TRY(name, read_name(value, at));
	out.name = std::move(name);
	return success();
}

template <auto Member, class T>
result<void> plain_text(json const& value, json_location const& at, room_reading const&, T& out)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	BOOST_OUTCOME_TRY(checked, check_text(text, at));
	out.*Member = std::move(checked);
	return success();
}

// What may be said for the room, a group, a machine.

template <class T>
result<void> read_image(json const& value, json_location const& at, room_reading const&, T& out)
{
	out.rules.image.emplace();
	if (value.is_null())
	{
		return success();
	}
	BOOST_OUTCOME_TRY(name, read_name(value, at));
	out.rules.image = std::move(name);
	return success();
}

template <class T>
result<void> read_job(json const& value, json_location const& at, room_reading const&, T& out)
{
	out.rules.job = value;
	return check_job_keys(value, at);
}

template <class T>
result<void> read_device_of(json const& value, json_location const& at, room_reading const&, T& out)
{
	out.rules.device = value;
	return check_job_device(value, at);
}

template <class T>
result<void> read_target(json const& value, json_location const& at, room_reading const&, T& out)
{
	out.rules.target = value;
	return check_target_keys(value, at);
}

template <class T>
result<void> read_append(json const& value, json_location const& at, room_reading const&, T& out)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	if (text.size() > max_kernel_parameters)
	{
		return at.refuse("must have at most {} bytes", max_kernel_parameters);
	}
	if (!text.empty())
	{
		BOOST_OUTCOME_TRYV(check_text(text, at));
	}
	if (auto const wrong = wrong_append(text); !wrong.empty())
	{
		return at.refuse("must not have {}", wrong);
	}
	out.rules.append = std::move(text);
	return success();
}

// Images

result<void> read_image_device(
	json const& value, json_location const& at, room_reading const&, room_image& out)
{
	out.device = value;
	return check_job_device(value, at);
}

result<void> read_image_target(
	json const& value, json_location const& at, room_reading const&, room_image& out)
{
	out.target = value;
	return check_target_keys(value, at);
}

constexpr room_key<room_image> image_keys[] = {
	{"torrent", plain_text<&room_image::torrent>},
	{"source", plain_text<&room_image::source>},
	{"device", read_image_device},
	{"target", read_image_target},
};

// Calls read(name, value, its place) for each member of an object of names.
template <class Read>
result<void> read_named(json const& value, json_location const& at, Read read)
{
	if (!value.is_object())
	{
		return at.refuse("must be an object");
	}
	for (auto const& item : value.items())
	{
		auto const place = at.member(item.key());
		BOOST_OUTCOME_TRY(name, read_name(item.key(), place));
		BOOST_OUTCOME_TRYV(read(name, item.value(), place));
	}
	return success();
}

result<void> read_images(json const& value, json_location const& at, room_reading const& how, room_text& out)
{
	return read_named(value, at, [&](std::string const& name, json const& v, json_location const& place) {
		auto& image = out.images[name];
		image.name = name;
		return read_object(v, place, image_keys, how, image);
	});
}

// Machines and groups

result<void> read_mac(json const& value, json_location const& at, room_reading const&, room_machine& out)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	auto const mac = parse_mac(text);
	if (!mac)
	{
		return at.refuse("must be a hardware address such as 52:54:00:12:34:56");
	}
	out.mac = *mac;
	return success();
}

result<void> read_uuid(json const& value, json_location const& at, room_reading const&, room_machine& out)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	auto const uuid = canonical_uuid(text);
	if (!uuid)
	{
		return at.refuse("must be a UUID such as 01234567-89ab-cdef-0123-456789abcdef");
	}
	out.uuid = *uuid;
	return success();
}

constexpr room_key<room_machine> machine_keys[] = {
	{"mac", read_mac},
	{"serial", plain_text<&room_machine::serial>},
	{"uuid", read_uuid},
	{"image", read_image<room_machine>},
	{"job", read_job<room_machine>},
	{"device", read_device_of<room_machine>},
	{"target", read_target<room_machine>},
	{"append", read_append<room_machine>},
};

result<void> read_machines(
	json const& value, json_location const& at, room_reading const& how, room_text& out)
{
	return read_named(
		value, at, [&](std::string const& name, json const& v, json_location const& place) -> result<void> {
			room_machine machine;
			machine.name = name;
			BOOST_OUTCOME_TRYV(read_object(v, place, machine_keys, how, machine));
			if (machine.mac.empty() && machine.serial.empty() && machine.uuid.empty())
			{
				return place.refuse("must have a mac, a serial or a uuid");
			}
			out.machines.emplace(name, std::move(machine));
			return success();
		});
}

result<void> read_members(
	json const& value, json_location const& at, room_reading const&, room_group_text& out)
{
	return read_array(value, at, [&](json const& element, json_location const& where) -> result<void> {
		BOOST_OUTCOME_TRY(text, read_string(element, where));
		BOOST_OUTCOME_TRY(checked, check_text(text, where));
		out.members.push_back(std::move(checked));
		return success();
	});
}

constexpr room_key<room_group_text> group_keys[] = {
	{"machines", read_members, required},
	{"image", read_image<room_group_text>},
	{"job", read_job<room_group_text>},
	{"device", read_device_of<room_group_text>},
	{"target", read_target<room_group_text>},
	{"append", read_append<room_group_text>},
};

result<void> read_groups(json const& value, json_location const& at, room_reading const& how, room_text& out)
{
	return read_named(value, at, [&](std::string const& name, json const& v, json_location const& place) {
		return read_object(v, place, group_keys, how, out.groups[name]);
	});
}

// The room

result<void> read_version(json const& value, json_location const& at, room_reading const&, room_text&)
{
	BOOST_OUTCOME_TRY(version, read_integer(value, at));
	return version == 1 ? result<void>(success()) : at.refuse("must be 1");
}

// For editors, which check the text against it while it is written.
result<void> read_schema(json const& value, json_location const& at, room_reading const&, room_text&)
{
	BOOST_OUTCOME_TRYV(read_string(value, at));
	return success();
}

constexpr room_key<room_text> room_keys[] = {
	{"$schema", read_schema},
	{"version", read_version, required},
	{"name", read_its_name<room_text>},
	{"image", read_image<room_text>},
	{"job", read_job<room_text>},
	{"device", read_device_of<room_text>},
	{"target", read_target<room_text>},
	{"append", read_append<room_text>},
	{"images", read_images},
	{"machines", read_machines},
	{"groups", read_groups},
	{"key_file", plain_text<&room_text::key_file>},
	{"swarm_key_file", plain_text<&room_text::swarm_key_file>},
	{"job_key", plain_text<&room_text::job_key>},
};

} // namespace

result<room_text> read_room_text(std::string_view const text, json_location const& root)
{
	json document;
	BOOST_OUTCOME_TRYV(parse_json(text, {max_room_bytes, max_room_depth}, root, document));
	room_text out;
	room_reading const how;
	// A room.json of another version may well have keys that are unknown here.
	if (document.is_object() && document.contains("version"))
	{
		BOOST_OUTCOME_TRYV(read_version(document["version"], root.member("version"), how, out));
	}
	BOOST_OUTCOME_TRYV(read_object(document, root, room_keys, how, out));
	return out;
}

} // namespace rawswarm
