// SPDX-License-Identifier: BSD-3-Clause
// Every object of the manifest is a table here: the names of its keys, and how each value is read.
#include "agent/manifest/parse_manifest.hpp"

#include "agent/manifest/manifest_readers.hpp"
#include "agent/manifest/manifest_targets.hpp"
#include "agent/manifest/manifest_validity.hpp"

#include <algorithm>
#include <iterator>

namespace rawswarm
{

namespace
{

using nlohmann::json;

constexpr std::size_t max_exec_words = 256; // initial value, not measured: a command line, not a program
constexpr std::size_t max_after_steps = 64; // likewise

// swarm, seed_until

// One, or a list of them.
result<void> read_listen(json const& value, json_location const& at, reading const& how, manifest_swarm& out)
{
	out.listen.clear();
	auto const read_one = [&](json const& element, json_location const& where) -> result<void> {
		BOOST_OUTCOME_TRY(text, read_text(element, where, how));
		BOOST_OUTCOME_TRY(listeners, check_value(parse_listeners, text, where));
		std::ranges::copy(listeners, std::back_inserter(out.listen));
		return success();
	};
	if (!value.is_array())
	{
		return read_one(value, at);
	}
	if (value.empty())
	{
		return at.refuse("must not be empty");
	}
	return read_array(value, at, read_one);
}

constexpr std::string_view word_for_the_torrents = "torrent"; // in place of a tracker's URL

// URLs and the word, or the word alone.
result<void> read_trackers(
	json const& value, json_location const& at, reading const& how, manifest_swarm& out)
{
	if (value.is_string())
	{
		BOOST_OUTCOME_TRY(text, read_text(value, at, how));
		out.torrents_trackers = text == word_for_the_torrents;
		return out.torrents_trackers ? result<void>(success())
									 : at.refuse("must be an array, or \"{}\"", word_for_the_torrents);
	}
	return read_array(value, at, [&](json const& element, json_location const& where) -> result<void> {
		BOOST_OUTCOME_TRY(text, read_text(element, where, how, name_use::url));
		if (text == word_for_the_torrents)
		{
			out.torrents_trackers = true;
			return success();
		}
		BOOST_OUTCOME_TRY(url, check_value(tracker_url::parse, text, where));
		out.trackers.push_back(std::move(url));
		return success();
	});
}

// The key is read before anything is fetched, so it must be a local file.
result<void> read_key_path(json const& value, json_location const& at, reading const& how, std::string& out)
{
	std::string path;
	BOOST_OUTCOME_TRYV(read_checked(value, at, how, parse_path, path));
	if (path.starts_with('/'))
	{
		out = path;
		return success();
	}
	if (how.base.as_url() != nullptr)
	{
		return at.refuse("must be an absolute path, as the manifest comes from a URL");
	}
	BOOST_OUTCOME_TRY(resolved, resolve(how.base, path));
	out = to_string(resolved);
	return success();
}

template <auto Member, class Object>
result<void> read_key_file(json const& value, json_location const& at, reading const& how, Object& out)
{
	return read_key_path(value, at, how, out.*Member);
}

constexpr manifest_key<manifest_swarm> swarm_keys[] = {
	{"listen", read_listen},
	{"peers", texts<parse_host_port, &manifest_swarm::peers>},
	{"trackers", read_trackers},
	{"web_seeds", texts<parse_url, &manifest_swarm::web_seeds>},
	{"lsd", flag<&manifest_swarm::lsd>},
	{"compress", text<check_compression, &manifest_swarm::compress>},
	{"allow", texts<parse_ip_network, &manifest_swarm::allow>},
	{"upload_limit", integer<rate_range, &manifest_swarm::upload_limit>},
	{"download_limit", integer<rate_range, &manifest_swarm::download_limit>},
	{"key_file", read_key_file<&manifest_swarm::key_file>},
};

result<void> read_ratio(json const& value, json_location const& at, reading const&, manifest_seed_until& out)
{
	BOOST_OUTCOME_TRY(ratio, read_number(value, at));
	if (ratio < 0 || ratio > max_seed_ratio)
	{
		return at.refuse("must be from 0 to {}", std::int64_t(max_seed_ratio));
	}
	out.ratio = ratio;
	return success();
}

result<void> read_idle(json const& value, json_location const& at, reading const&, manifest_seed_until& out)
{
	out.leave_unneeded = false;
	return read_in_range(value, at, seconds_range, out.idle);
}

constexpr manifest_key<manifest_seed_until> seed_until_keys[] = {
	{"idle_seconds", read_idle},
	{"seconds", integer<seconds_range, &manifest_seed_until::total>},
	{"ratio", read_ratio},
};

// storage, beacon

constexpr manifest_key<coalesce_limits> coalesce_keys[] = {
	{"max_blocks", optional_integer<coalesce_range, &coalesce_limits::max_blocks>},
	{"min_blocks", optional_integer<coalesce_range, &coalesce_limits::min_blocks>},
	{"timeout_ms", auto_or_integer<coalesce_timeout_range, &coalesce_limits::timeout>},
};

result<void> read_coalesce(
	json const& value, json_location const& at, reading const& how, manifest_storage& out)
{
	auto& limits = out.coalesce;
	BOOST_OUTCOME_TRYV(read_object(value, at, coalesce_keys, how, limits));
	if (limits.min_blocks && limits.max_blocks && *limits.min_blocks > *limits.max_blocks)
	{
		return at.member("min_blocks").refuse("must not be above max_blocks, {}", *limits.max_blocks);
	}
	return success();
}

result<void> read_engine(json const& value, json_location const& at, reading const& how, manifest_storage&)
{
	BOOST_OUTCOME_TRY(word, read_text(value, at, how));
	return check_engine(word, at);
}

result<void> read_direct(
	json const& value, json_location const& at, reading const& how, manifest_storage& out)
{
	if (value.is_boolean())
	{
		out.direct = value.get<bool>() ? direct_writes::always : direct_writes::never;
		return success();
	}
	if (value.is_string())
	{
		BOOST_OUTCOME_TRY(text, read_text(value, at, how));
		if (text == "auto")
		{
			return success();
		}
	}
	return at.refuse("must be \"auto\", true or false");
}

result<void> read_memory(
	json const& value, json_location const& at, reading const& how, manifest_storage& out)
{
	if (value.is_number_integer())
	{
		return read_in_range(value, at, memory_range, out.memory.emplace());
	}
	if (value.is_string())
	{
		return read_checked(value, at, how, check_memory, out.memory);
	}
	return at.refuse("must be \"auto\", an integer or a size such as \"256M\"");
}

constexpr manifest_key<manifest_storage> storage_keys[] = {
	{"memory", read_memory},
	{"threads", auto_or_integer<threads_range, &manifest_storage::threads>},
	{"engine", read_engine},
	{"direct", read_direct},
	{"coalesce", read_coalesce},
	{"profile", text<check_profile, &manifest_storage::profile>},
	{"writers", auto_or_integer<threads_range, &manifest_storage::writers>},
	{"read_ahead_blocks", auto_or_integer<read_ahead_range, &manifest_storage::read_ahead_blocks>},
	{"device_timeout_seconds", integer<seconds_range, &manifest_storage::device_timeout>},
};

constexpr manifest_key<manifest_beacon> beacon_keys[] = {
	{"to", texts<parse_destination, &manifest_beacon::to>},
	{"interval_ms", integer<beacon_interval_range, &manifest_beacon::interval>},
	{"key_file", read_key_file<&manifest_beacon::key_file>},
};

// report, capture

constexpr manifest_key<manifest> report_keys[] = {{"to", text<parse_url, &manifest::report>, required}};

result<void> read_report(json const& value, json_location const& at, reading const& how, manifest& out)
{
	return read_object(value, at, report_keys, how, out);
}

result<void> read_capture_device(
	json const& value, json_location const& at, reading const& how, manifest_capture& out)
{
	BOOST_OUTCOME_TRY(device, read_device(value, at, how));
	out.device = std::move(device.name);
	out.selector = std::move(device.selector);
	return success();
}

constexpr manifest_key<manifest_capture> capture_keys[] = {
	{"device", read_capture_device, required},
	{"to", text<parse_url, &manifest_capture::to>, required},
	{"name", text<check_image_name, &manifest_capture::name>, required},
	{"allow_unclean", flag<&manifest_capture::allow_unclean>},
};

result<void> read_capture(json const& value, json_location const& at, reading const& how, manifest& out)
{
	return read_object(value, at, capture_keys, how, out.capture.emplace());
}

// Keys that are about what is written, and when an image is served long enough.
constexpr char const* not_with_capture[] = {
	"partition_tables", "targets", "volumes", "seed_until", "verify", "after"};

// Either targets or a capture.
result<void> check_purpose(json const& document, json_location const& root, manifest const& job)
{
	if (!job.capture)
	{
		return document.contains("targets") ? success() : result<void>(root.refuse("\"targets\" is missing"));
	}
	for (auto const* const key : not_with_capture)
	{
		if (document.contains(key))
		{
			return root.member(key).refuse("a job that captures has none");
		}
	}
	return success();
}

// the manifest

result<void> read_version(json const& value, json_location const& at, reading const&, manifest&)
{
	BOOST_OUTCOME_TRY(version, read_integer(value, at));
	if (version != 1)
	{
		return at.refuse("must be 1");
	}
	return success();
}

// For editors, which check the text against it while it is written.
result<void> read_schema(json const& value, json_location const& at, reading const&, manifest&)
{
	BOOST_OUTCOME_TRYV(read_string(value, at));
	return success();
}

// A word that is a name and no more may be any text: it is one argument. A part of a word may be a path, an
// option or code of a shell.
name_use use_in_word(std::string_view const text)
{
	bool const is_name = text.starts_with("${") && text.find('}') == text.size() - 1;
	return is_name ? name_use::text : use_in_location(text);
}

result<void> read_words(
	json const& value, json_location const& at, reading const& how, std::vector<std::string>& words)
{
	if (value.is_array() && (value.empty() || value.size() > max_exec_words))
	{
		return at.refuse("must have from 1 to {} elements", max_exec_words);
	}
	return read_array(value, at, [&](json const& element, json_location const& where) -> result<void> {
		BOOST_OUTCOME_TRY(text, read_string(element, where));
		BOOST_OUTCOME_TRY(word, read_text(element, where, how, use_in_word(text)));
		BOOST_OUTCOME_TRY(checked, check_text(word, where));
		words.push_back(std::move(checked));
		return success();
	});
}

result<void> read_exec(json const& value, json_location const& at, reading const& how, manifest& out)
{
	out.on_success = end_action::exec;
	return read_words(value, at, how, out.exec);
}

result<void> read_step_exec(json const& value, json_location const& at, reading const& how, after_step& out)
{
	return read_words(value, at, how, out.exec);
}

constexpr integer_range step_seconds_range{1, 86'400};

constexpr manifest_key<after_step> after_keys[] = {
	{"exec", read_step_exec, required},
	{"timeout_seconds", integer<step_seconds_range, &after_step::timeout>},
};

result<void> read_after(json const& value, json_location const& at, reading const& how, manifest& out)
{
	if (value.is_array() && value.size() > max_after_steps)
	{
		return at.refuse("must have at most {} elements", max_after_steps);
	}
	return read_array(value, at, [&](json const& element, json_location const& where) -> result<void> {
		after_step step;
		BOOST_OUTCOME_TRYV(read_object(element, where, after_keys, how, step));
		out.after.push_back(std::move(step));
		return success();
	});
}

constexpr manifest_key<manifest> action_keys[] = {{"exec", read_exec, required}};

result<void> read_on_success(json const& value, json_location const& at, reading const& how, manifest& out)
{
	if (value.is_object())
	{
		return read_object(value, at, action_keys, how, out);
	}
	return read_checked(value, at, how, check_on_success, out.on_success);
}

constexpr manifest_key<manifest> manifest_keys[] = {
	{"$schema", read_schema},
	{"version", read_version, required},
	{"name", text<check_text, &manifest::name>},
	{"for", read_for},
	{"not_before", read_not_before},
	{"not_after", read_not_after},
	{"serial_number", read_serial_number},
	{"partition_tables", read_partition_tables},
	{"targets", read_targets},
	{"capture", read_capture},
	{"volumes", read_volumes},
	{"swarm", object<swarm_keys, &manifest::swarm>},
	{"seed_until", object<seed_until_keys, &manifest::seed_until>},
	{"storage", object<storage_keys, &manifest::storage>},
	{"verify", text<check_verify, &manifest::verify>},
	{"beacon", object<beacon_keys, &manifest::beacon>},
	{"report", read_report},
	{"timeout_seconds", integer<seconds_range, &manifest::timeout>},
	{"after", read_after},
	{"on_success", read_on_success},
	{"on_failure", text<check_on_failure, &manifest::on_failure>},
	{"log", text<check_log_levels, &manifest::log>},
};

} // namespace

result<manifest> parse_manifest(std::string_view text, location const& base, machine_identity const& self)
{
	auto const root = json_location::in_document(describe(base));
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
	BOOST_OUTCOME_TRYV(check_purpose(document, root, out));
	return out;
}

} // namespace rawswarm
