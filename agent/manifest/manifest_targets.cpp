// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest_targets.hpp"

#include "agent/manifest/boot_entry_keys.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace rawswarm
{

namespace
{

constexpr std::size_t max_targets = 128;

using nlohmann::json;

// The number of a partition; GPT tables have 128 entries, few have more.
constexpr integer_range partition_range{1, 1024};
constexpr std::size_t max_files = 64; // of a target; initial value, not measured

// A selector of the command line. Far above all keys together.
constexpr std::size_t max_selector_bytes = 16384;

// An sfdisk script has one line per partition.
constexpr std::size_t max_script_bytes = std::size_t(64) * 1024;

constexpr std::size_t max_partition_tables = 64; // initial value, not measured: disks of one machine

template <auto Member>
result<void> size(json const& value, json_location const& at, reading const&, device_selector& out)
{
	std::uint64_t bytes = 0;
	BOOST_OUTCOME_TRYV(read_in_range(value, at, size_range, bytes));
	out.*Member = bytes;
	return success();
}

template <auto Member, class T = device_selector>
result<void> yes_or_no(json const& value, json_location const& at, reading const&, T& out)
{
	BOOST_OUTCOME_TRY(yes, read_bool(value, at));
	out.*Member = yes;
	return success();
}

// Under the key that selector_fields has for it.
template <auto Check, auto Member>
consteval manifest_key<device_selector> selector_text()
{
	auto const* const field = std::ranges::find(selector_fields, Member, &selector_field::value);
	return {field->key, text<Check, Member>};
}

constexpr manifest_key<device_selector> selector_keys[] = {
	selector_text<parse_path, &device_selector::path>(),
	selector_text<check_text, &device_selector::serial>(),
	selector_text<check_text, &device_selector::wwn>(),
	selector_text<check_text, &device_selector::model>(),
	selector_text<check_bus, &device_selector::bus>(),
	{"min_size", size<&device_selector::min_size>},
	{"max_size", size<&device_selector::max_size>},
	{"removable", yes_or_no<&device_selector::removable>},
	{"rotational", yes_or_no<&device_selector::rotational>},
	{"partition", optional_integer<partition_range, &device_selector::partition>},
	selector_text<check_text, &device_selector::partlabel>(),
	selector_text<check_text, &device_selector::partuuid>(),
	{"choose", text<check_choose, &device_selector::choose>},
	{"wait_seconds", integer<seconds_range, &device_selector::wait>},
};

result<void> read_selector(
	json const& value, json_location const& at, reading const& how, device_selector& out)
{
	BOOST_OUTCOME_TRYV(read_object(value, at, selector_keys, how, out));
	device_selector only_manner;
	only_manner.choose = out.choose;
	only_manner.wait = out.wait;
	if (out == only_manner)
	{
		return at.refuse("must say which device it is");
	}
	if (out.min_size && out.max_size && *out.min_size > *out.max_size)
	{
		return at.member("min_size").refuse("must not be above max_size, {}", *out.max_size);
	}
	return success();
}

// A path alone may also be that of a file or a folder, and needs no search for a disk.
bool is_path_alone(device_selector const& s)
{
	device_selector path_alone;
	path_alone.path = s.path;
	path_alone.wait = s.wait;
	return s == path_alone;
}

named_device named(device_selector selector, bool const waits)
{
	if (is_path_alone(selector) && !waits)
	{
		return {selector.path, {}};
	}
	auto name = describe(selector);
	return {std::move(name), std::move(selector)};
}

result<void> read_target_device(
	json const& value, json_location const& at, reading const& how, manifest_target& out)
{
	BOOST_OUTCOME_TRY(device, read_device(value, at, how));
	out.device = std::move(device.name);
	out.selector = std::move(device.selector);
	return success();
}

constexpr manifest_key<grow_request> grow_keys[] = {
	{"partition", integer<partition_range, &grow_request::partition>, required}};

result<void> read_file_path(json const& value, json_location const& at, reading const& how, landed_file& out)
{
	BOOST_OUTCOME_TRYV((part<check_text, &landed_file::path>(value, at, how, out)));
	auto const parts = split(out.path, '/');
	bool const is_clean = std::ranges::all_of(parts.begin() + 1, parts.end(),
		[](std::string_view const part) { return !part.empty() && part != "." && part != ".."; });
	if (!out.path.starts_with('/') || !is_clean)
	{
		return at.refuse("must be a path from the root, without \"..\" and the like");
	}
	return success();
}

// Lines and all, unlike other texts of a job.
result<void> read_content(json const& value, json_location const& at, reading const& how, landed_file& out)
{
	BOOST_OUTCOME_TRY(content, read_text(value, at, how));
	if (content.size() > max_landed_file_bytes)
	{
		return at.refuse("must have at most {} bytes", max_landed_file_bytes);
	}
	out.content = std::move(content);
	return success();
}

result<void> read_mode(json const& value, json_location const& at, reading const& how, landed_file& out)
{
	BOOST_OUTCOME_TRY(text, read_text(value, at, how));
	auto const mode = parse_number<int>(text, 8);
	if (!mode || *mode > 07777)
	{
		return at.refuse("must be permissions in octal, such as \"0644\"");
	}
	out.mode = *mode;
	return success();
}

result<void> read_remove(json const& value, json_location const& at, reading const&, landed_file&)
{
	BOOST_OUTCOME_TRY(yes, read_bool(value, at));
	return yes ? success() : result<void>(at.refuse("must be true, or left out"));
}

constexpr manifest_key<landed_file> file_keys[] = {
	{"partition", integer<partition_range, &landed_file::partition>},
	{"path", read_file_path, required},
	{"content", read_content},
	{"url", place<&landed_file::source>},
	{"sha256", text<check_sha256, &landed_file::sha256>},
	{"mode", read_mode},
	{"remove", read_remove},
};

result<void> read_files(json const& value, json_location const& at, reading const& how, manifest_target& out)
{
	if (value.is_array() && value.size() > max_files)
	{
		return at.refuse("must have at most {} elements", max_files);
	}
	return read_array(value, at, [&](json const& element, json_location const& where) -> result<void> {
		landed_file file;
		BOOST_OUTCOME_TRYV(read_object(element, where, file_keys, how, file));
		if (int(file.content.has_value()) + int(file.source.has_value()) + int(element.contains("remove"))
			!= 1)
		{
			return where.refuse("must have one of content, url and remove");
		}
		if (!file.sha256.empty() && !file.source)
		{
			return where.member("sha256").refuse("is of what a url has, and there is none");
		}
		out.files.push_back(std::move(file));
		return success();
	});
}

result<void> read_unique(json const& value, json_location const& at, reading const& how, manifest_target& out)
{
	if (value.is_boolean())
	{
		out.ids = value.get<bool>() ? disk_ids::renew : disk_ids::keep;
		return success();
	}
	if (!value.is_string())
	{
		return at.refuse("must be true, false or \"anyway\"");
	}
	BOOST_OUTCOME_TRY(text, read_text(value, at, how));
	if (text != "anyway")
	{
		return at.refuse("must be true, false or \"anyway\", not \"{}\"", text);
	}
	out.ids = disk_ids::renew_anyway;
	return success();
}

result<void> read_shrink(json const& value, json_location const& at, reading const&, manifest_target& out)
{
	BOOST_OUTCOME_TRY(yes, read_bool(value, at));
	out.if_smaller = yes ? smaller_disk::shrink : smaller_disk::refuse;
	return success();
}

result<void> read_grow(json const& value, json_location const& at, reading const& how, manifest_target& out)
{
	if (value.is_object())
	{
		return read_object(value, at, grow_keys, how, out.grow.emplace());
	}
	if (!value.is_string())
	{
		return at.refuse("must be \"last\" or an object");
	}
	BOOST_OUTCOME_TRY(text, read_text(value, at, how));
	if (text != "last")
	{
		return at.refuse("must be \"last\" or an object, not \"{}\"", text);
	}
	out.grow.emplace();
	return success();
}

constexpr manifest_key<manifest_target> target_keys[] = {
	{"torrent", place<&manifest_target::torrent>, required},
	{"info_hash", text<check_info_hash, &manifest_target::info_hash>},
	{"device", read_target_device, required},
	{"role", text<check_role, &manifest_target::role>},
	{"existing", text<check_existing, &manifest_target::existing>},
	{"backup_gpt", text<check_backup_gpt, &manifest_target::gpt_copy>},
	{"unique", read_unique},
	{"files", read_files},
	{"grow", read_grow},
	{"boot_entry", read_boot_entry},
	{"shrink", read_shrink},
	{"create", yes_or_no<&manifest_target::create_file, manifest_target>},
	{"wipe", yes_or_no<&manifest_target::wipe, manifest_target>},
};

// Selectors are compared by their description: whether two of them name one device is known only when they
// are resolved.
result<void> check_devices_differ(std::vector<manifest_target> const& targets, json_location const& at)
{
	std::map<std::filesystem::path, std::size_t> seen;
	for (std::size_t i = 0; i < targets.size(); ++i)
	{
		auto const path = std::filesystem::path(targets[i].device).lexically_normal();
		auto const [first, is_new] = seen.emplace(path, i);
		if (!is_new)
		{
			return at.element(i).member("device").refuse(
				"the device of {} already", at.element(first->second).name());
		}
	}
	return success();
}

result<void> read_disk(
	json const& value, json_location const& at, reading const& how, manifest_partition_table& out)
{
	if (value.is_string())
	{
		return read_checked(value, at, how, parse_path, out.disk.path);
	}
	if (!value.is_object())
	{
		return at.refuse("must be a path or an object");
	}
	BOOST_OUTCOME_TRYV(read_selector(value, at, how, out.disk));
	if (out.disk.names_partition())
	{
		return at.refuse("must be a whole disk, not a partition");
	}
	return success();
}

// libfdisk judges its lines, on the disk.
result<void> read_script(
	json const& value, json_location const& at, reading const& how, manifest_partition_table& out)
{
	BOOST_OUTCOME_TRY(script, read_text(value, at, how, name_use::part));
	if (script.empty())
	{
		return at.refuse("must not be empty");
	}
	if (script.size() > max_script_bytes)
	{
		return at.refuse("must not be longer than {} bytes", max_script_bytes);
	}
	auto const is_bad = [](char const c) {
		return c != '\n' && c != '\t' && static_cast<unsigned char>(c) < 0x20;
	};
	if (std::ranges::any_of(script, is_bad))
	{
		return at.refuse("must not contain control characters other than ends of lines");
	}
	out.script = std::move(script);
	return success();
}

constexpr manifest_key<manifest_partition_table> partition_table_keys[] = {
	{"disk", read_disk, required},
	{"script", read_script, required},
	{"wipe", yes_or_no<&manifest_partition_table::wipe, manifest_partition_table>},
};

} // namespace

result<named_device> parse_device(std::string_view const text, json_location const& at)
{
	if (!text.starts_with('{'))
	{
		BOOST_OUTCOME_TRY(path, check_value(parse_path, text, at));
		return named_device{std::move(path), {}};
	}
	json value;
	BOOST_OUTCOME_TRYV(parse_json(text, {max_selector_bytes, 1}, at, value));
	// A shell substitutes what it wants to; a manifest's names mean nothing here.
	location const base;
	machine_identity const self;
	device_selector selector;
	BOOST_OUTCOME_TRYV(read_selector(value, at, {base, self}, selector));
	return named(std::move(selector), value.contains("wait_seconds"));
}

result<named_device> read_device(json const& value, json_location const& at, reading const& how)
{
	named_device device;
	if (value.is_string())
	{
		BOOST_OUTCOME_TRYV(read_checked(value, at, how, parse_path, device.name));
		return device;
	}
	if (!value.is_object())
	{
		return at.refuse("must be a path or an object");
	}
	device_selector selector;
	BOOST_OUTCOME_TRYV(read_selector(value, at, how, selector));
	return named(std::move(selector), value.contains("wait_seconds"));
}

result<void> read_targets(json const& value, json_location const& at, reading const& how, manifest& out)
{
	if (value.is_array() && (value.empty() || value.size() > max_targets))
	{
		return at.refuse("must have from 1 to {} elements", max_targets);
	}
	BOOST_OUTCOME_TRYV(read_array(value, at, [&](json const& element, json_location const& where) {
		return read_object(element, where, target_keys, how, out.targets.emplace_back());
	}));
	BOOST_OUTCOME_TRYV(check_labels_differ(out.targets, at));
	return check_devices_differ(out.targets, at);
}

result<void> read_partition_tables(
	json const& value, json_location const& at, reading const& how, manifest& out)
{
	if (value.is_array() && value.size() > max_partition_tables)
	{
		return at.refuse("must have at most {} elements", max_partition_tables);
	}
	return read_array(value, at, [&](json const& element, json_location const& where) {
		return read_object(element, where, partition_table_keys, how, out.partition_tables.emplace_back());
	});
}

} // namespace rawswarm
