// Every object of the manifest is a table here: the names of its keys, and how each value is read. A
// key that the program knows but cannot carry out yet has not_supported for its reader.
#include "agent/manifest.hpp"

#include "agent/json_reader.hpp"
#include "agent/manifest_checks.hpp"

#include <filesystem>
#include <map>

namespace rawswarm
{

namespace
{

using nlohmann::json;

// What all readers share.
struct reading
{
	std::string_view base;
	machine_identity const& self;
};

template <class T>
using key = json_key<T, reading>;

constexpr bool required = true;

template <class T>
result<void> not_supported(json const&, place const& at, reading const&, T&)
{
	return at.refuse("not supported by this version");
}

// For a key of which only one value can be carried out yet. 64.0 is not 64.
result<void> only(json const& value, place const& at, json const& supported)
{
	if (value.is_number_float() || value != supported)
	{
		return at.refuse("not supported by this version: only {} is", supported.dump());
	}
	return boost::outcome_v2::success();
}

result<std::string> read_text(json const& value, place const& at, reading const& how)
{
	BOOST_OUTCOME_TRY(text, read_string(value, at));
	auto replaced = substitute(text, how.self);
	if (!replaced)
	{
		return at.refuse("{}", replaced.error().text);
	}
	return replaced;
}

// Reads a text, hands it to a check, and keeps what that returns.
template <class T, class U>
result<void> read_checked(json const& value, place const& at, reading const& how,
	result<T> (*check)(std::string_view, place const&), U& out)
{
	BOOST_OUTCOME_TRY(text, read_text(value, at, how));
	BOOST_OUTCOME_TRY(checked, check(text, at));
	out = std::move(checked);
	return boost::outcome_v2::success();
}

result<void> read_list(json const& value, place const& at, reading const& how,
	result<std::string> (*check)(std::string_view, place const&), std::vector<std::string>& out)
{
	return read_array(value, at, [&](json const& element, place const& where) {
		return read_checked(element, where, how, check, out.emplace_back());
	});
}

template <class T>
result<void> read_in_range(json const& value, place const& at, integer_range range, T& out)
{
	BOOST_OUTCOME_TRY(number, read_integer(value, at));
	BOOST_OUTCOME_TRY(checked, check_range(number, range, at));
	out = T(checked);
	return boost::outcome_v2::success();
}

// "auto" leaves out empty.
template <class T>
result<void> read_auto_or(
	json const& value, place const& at, reading const& how, integer_range range, std::optional<T>& out)
{
	if (value.is_number_integer())
	{
		T number{};
		BOOST_OUTCOME_TRYV(read_in_range(value, at, range, number));
		out = number;
		return boost::outcome_v2::success();
	}
	if (value.is_string())
	{
		BOOST_OUTCOME_TRY(text, read_text(value, at, how));
		if (text == "auto")
		{
			return boost::outcome_v2::success();
		}
	}
	return at.refuse("must be \"auto\" or an integer");
}

// What the tables are made of: each reads one member of an object.

template <auto Check, auto Member, class T>
result<void> text(json const& value, place const& at, reading const& how, T& out)
{
	return read_checked(value, at, how, Check, out.*Member);
}

template <auto Check, auto Member, class T>
result<void> texts(json const& value, place const& at, reading const& how, T& out)
{
	return read_list(value, at, how, Check, out.*Member);
}

template <integer_range Range, auto Member, class T>
result<void> integer(json const& value, place const& at, reading const&, T& out)
{
	return read_in_range(value, at, Range, out.*Member);
}

template <integer_range Range, auto Member, class T>
result<void> optional_integer(json const& value, place const& at, reading const&, T& out)
{
	return read_in_range(value, at, Range, (out.*Member).emplace());
}

template <integer_range Range, auto Member, class T>
result<void> auto_or_integer(json const& value, place const& at, reading const& how, T& out)
{
	return read_auto_or(value, at, how, Range, out.*Member);
}

template <auto Member, class T>
result<void> flag(json const& value, place const& at, reading const&, T& out)
{
	BOOST_OUTCOME_TRY(checked, read_bool(value, at));
	out.*Member = checked;
	return boost::outcome_v2::success();
}

template <auto const& Keys, auto Member, class T>
result<void> object(json const& value, place const& at, reading const& how, T& out)
{
	return read_object(value, at, Keys, how, out.*Member);
}

// targets

constexpr key<manifest_target> device_keys[] = {
	{"path", text<check_path, &manifest_target::device>, required},
	{"serial", not_supported},
	{"wwn", not_supported},
	{"model", not_supported},
	{"bus", not_supported},
	{"min_size", not_supported},
	{"max_size", not_supported},
	{"removable", not_supported},
	{"rotational", not_supported},
	{"partition", not_supported},
	{"partlabel", not_supported},
	{"partuuid", not_supported},
	{"choose", not_supported},
};

result<void> read_device(json const& value, place const& at, reading const& how, manifest_target& out)
{
	if (value.is_object())
	{
		return read_object(value, at, device_keys, how, out);
	}
	if (!value.is_string())
	{
		return at.refuse("must be a path or an object");
	}
	return read_checked(value, at, how, check_path, out.device);
}

result<void> read_torrent(json const& value, place const& at, reading const& how, manifest_target& out)
{
	std::string reference;
	BOOST_OUTCOME_TRYV(read_checked(value, at, how, check_torrent, reference));
	out.torrent = resolve(how.base, reference);
	if (is_http_url(how.base))
	{
		BOOST_OUTCOME_TRYV(check_http_url(out.torrent, at));
	}
	return boost::outcome_v2::success();
}

constexpr key<manifest_target> target_keys[] = {
	{"torrent", read_torrent, required},
	{"info_hash", text<check_info_hash, &manifest_target::info_hash>},
	{"device", read_device, required},
	{"role", text<check_role, &manifest_target::role>},
	{"existing", text<check_existing, &manifest_target::existing>},
};

result<void> check_devices_differ(std::vector<manifest_target> const& targets, place const& at)
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
	return boost::outcome_v2::success();
}

result<void> read_targets(json const& value, place const& at, reading const& how, manifest& out)
{
	if (value.is_array() && (value.empty() || value.size() > max_targets))
	{
		return at.refuse("must have from 1 to {} elements", max_targets);
	}
	BOOST_OUTCOME_TRYV(read_array(value, at, [&](json const& element, place const& where) {
		return read_object(element, where, target_keys, how, out.targets.emplace_back());
	}));
	return check_devices_differ(out.targets, at);
}

// swarm, seed_until

result<void> read_web_seeds(json const& value, place const& at, reading const&, manifest_swarm&)
{
	if (!value.is_array())
	{
		return at.refuse("must be an array");
	}
	return only(value, at, json::array());
}

constexpr key<manifest_swarm> swarm_keys[] = {
	{"listen", text<check_listen, &manifest_swarm::listen>},
	{"peers", texts<check_peer, &manifest_swarm::peers>},
	{"trackers", texts<check_tracker, &manifest_swarm::trackers>},
	{"web_seeds", read_web_seeds},
	{"lsd", flag<&manifest_swarm::lsd>},
	{"allow", texts<check_network, &manifest_swarm::allow>},
	{"upload_limit", integer<rate_range, &manifest_swarm::upload_limit>},
	{"download_limit", integer<rate_range, &manifest_swarm::download_limit>},
};

result<void> read_ratio(json const& value, place const& at, reading const&, manifest_seed_until& out)
{
	BOOST_OUTCOME_TRY(ratio, read_number(value, at));
	if (ratio < 0 || ratio > max_seed_ratio)
	{
		return at.refuse("must be from 0 to {}", std::int64_t(max_seed_ratio));
	}
	out.ratio = ratio;
	return boost::outcome_v2::success();
}

constexpr key<manifest_seed_until> seed_until_keys[] = {
	{"idle_seconds", integer<seconds_range, &manifest_seed_until::idle>},
	{"seconds", integer<seconds_range, &manifest_seed_until::total>},
	{"ratio", read_ratio},
};

// storage, beacon

constexpr key<coalesce_limits> coalesce_keys[] = {
	{"max_blocks", optional_integer<coalesce_range, &coalesce_limits::max_blocks>},
	{"min_blocks", optional_integer<coalesce_range, &coalesce_limits::min_blocks>},
	{"timeout_ms", auto_or_integer<coalesce_timeout_range, &coalesce_limits::timeout>},
};

result<void> read_coalesce(json const& value, place const& at, reading const& how, manifest_storage& out)
{
	auto& limits = out.coalesce;
	BOOST_OUTCOME_TRYV(read_object(value, at, coalesce_keys, how, limits));
	if (limits.min_blocks && limits.max_blocks && *limits.min_blocks > *limits.max_blocks)
	{
		return at.member("min_blocks").refuse("must not be above max_blocks, {}", *limits.max_blocks);
	}
	return boost::outcome_v2::success();
}

result<void> read_engine(json const& value, place const& at, reading const& how, manifest_storage&)
{
	BOOST_OUTCOME_TRY(word, read_text(value, at, how));
	return check_engine(word, at);
}

result<void> read_direct(json const& value, place const& at, reading const& how, manifest_storage& out)
{
	if (value.is_boolean())
	{
		out.direct = value.get<bool>() ? direct_writes::always : direct_writes::never;
		return boost::outcome_v2::success();
	}
	if (value.is_string())
	{
		BOOST_OUTCOME_TRY(text, read_text(value, at, how));
		if (text == "auto")
		{
			return boost::outcome_v2::success();
		}
	}
	return at.refuse("must be \"auto\", true or false");
}

constexpr key<manifest_storage> storage_keys[] = {
	{"memory", auto_or_integer<memory_range, &manifest_storage::memory>},
	{"threads", auto_or_integer<threads_range, &manifest_storage::threads>},
	{"engine", read_engine},
	{"direct", read_direct},
	{"coalesce", read_coalesce},
	{"profile", text<check_profile, &manifest_storage::profile>},
	{"writers", auto_or_integer<threads_range, &manifest_storage::writers>},
	{"read_ahead_blocks", auto_or_integer<read_ahead_range, &manifest_storage::read_ahead_blocks>},
};

// The key is read before anything is fetched, when only a local file can be trusted to be there.
result<void> read_key_file(json const& value, place const& at, reading const& how, manifest_beacon& out)
{
	std::string path;
	BOOST_OUTCOME_TRYV(read_checked(value, at, how, check_path, path));
	if (is_http_url(how.base) && !path.starts_with('/'))
	{
		return at.refuse("must be an absolute path, as the manifest comes from a URL");
	}
	out.key_file = path.starts_with('/') ? path : resolve(how.base, path);
	return boost::outcome_v2::success();
}

constexpr key<manifest_beacon> beacon_keys[] = {
	{"to", texts<check_beacon_to, &manifest_beacon::to>},
	{"interval_ms", integer<beacon_interval_range, &manifest_beacon::interval>},
	{"key_file", read_key_file},
};

// the manifest

result<void> read_version(json const& value, place const& at, reading const&, manifest&)
{
	BOOST_OUTCOME_TRY(version, read_integer(value, at));
	if (version != 1)
	{
		return at.refuse("must be 1");
	}
	return boost::outcome_v2::success();
}

result<void> read_verify(json const& value, place const& at, reading const& how, manifest&)
{
	BOOST_OUTCOME_TRY(word, read_text(value, at, how));
	return check_verify(word, at);
}

constexpr key<manifest> action_keys[] = {{"exec", not_supported, required}};

result<void> read_on_success(json const& value, place const& at, reading const& how, manifest& out)
{
	if (value.is_object())
	{
		return read_object(value, at, action_keys, how, out);
	}
	return read_checked(value, at, how, check_on_success, out.on_success);
}

constexpr key<manifest> manifest_keys[] = {
	{"version", read_version, required},
	{"name", text<check_text, &manifest::name>},
	{"partition_tables", not_supported},
	{"targets", read_targets, required},
	{"swarm", object<swarm_keys, &manifest::swarm>},
	{"seed_until", object<seed_until_keys, &manifest::seed_until>},
	{"storage", object<storage_keys, &manifest::storage>},
	{"verify", read_verify},
	{"beacon", object<beacon_keys, &manifest::beacon>},
	{"timeout_seconds", integer<seconds_range, &manifest::timeout>},
	{"on_success", read_on_success},
	{"on_failure", text<check_on_failure, &manifest::on_failure>},
	{"log", text<check_log_levels, &manifest::log>},
};

} // namespace

result<manifest> parse_manifest(std::string_view text, std::string_view base, machine_identity const& self)
{
	auto const root = place::in_manifest(base);
	json document;
	BOOST_OUTCOME_TRYV(parse_json(text, {max_manifest_bytes, max_manifest_depth}, root, document));

	manifest out;
	reading const how{base, self};
	// A manifest of another version may well have keys that are unknown here.
	if (document.is_object() && document.contains("version"))
	{
		BOOST_OUTCOME_TRYV(read_version(document["version"], root.member("version"), how, out));
	}
	BOOST_OUTCOME_TRYV(read_object(document, root, manifest_keys, how, out));
	return out;
}

} // namespace rawswarm
