// SPDX-License-Identifier: BSD-3-Clause
// Checks of single values of a job, whether they are keys of a manifest, flags of the command line
// or kernel parameters.
//
// Pure. Each check takes the value as it was written and returns it as the manifest stores it; its errors
// name the location that it was handed. Only form is checked: no name is looked up, no file opened.
// Addresses, URLs, networks and paths have their parsers in agent/net; check_value() makes checks of them.
#pragma once

#include "agent/log/log_levels.hpp"
#include "agent/manifest/json_location.hpp"
#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

struct integer_range
{
	std::int64_t min;
	std::int64_t max;
};

// Bytes. At least a piece of 4 MiB, the largest that `create` makes by default; 1 TiB is past any machine of
// today.
inline constexpr integer_range memory_range{std::int64_t(4) << 20, std::int64_t(1) << 40};

// Initial value, not measured: above the number of cores of a machine that images one disk.
inline constexpr integer_range threads_range{1, 64};

// Blocks. IOV_MAX: the most that one vectored write takes.
inline constexpr integer_range coalesce_range{1, 1024};
inline constexpr integer_range read_ahead_range{0, 1024};

// Bytes, in the range of a file offset.
inline constexpr integer_range size_range{0, INT64_MAX};

// Milliseconds. Blocks would be written to free memory long before they have waited for a minute.
inline constexpr integer_range coalesce_timeout_range{0, 60'000};

// Bytes per second. libtorrent counts rates in an int.
inline constexpr integer_range rate_range{0, INT32_MAX};

// A year, so that sums stay far below what a clock can count.
inline constexpr integer_range seconds_range{0, std::int64_t(365) * 24 * 3600};

// Milliseconds: a person cannot follow more than ten datagrams per second, and an hourly one helps nobody.
inline constexpr integer_range beacon_interval_range{100, 3'600'000};

// Bytes of a file that is put into an image, wherever they come from. Initial value, not measured: small
// files, not an image.
inline constexpr std::size_t max_landed_file_bytes = std::size_t(64) * 1024;

// Copies of the image sent by one machine. Above any swarm.
inline constexpr double max_seed_ratio = 1e6;

template <class T>
result<T> check_value(result<T> (*check)(std::string_view, json_location const&), std::string_view text,
	json_location const& at)
{
	return check(text, at);
}

// For a parser, the text of whose errors is the reason alone.
template <class T>
result<T> check_value(result<T> (*parse)(std::string_view), std::string_view text, json_location const& at)
{
	auto parsed = parse(text);
	if (!parsed)
	{
		return at.refuse(parsed.error());
	}
	return parsed;
}

result<std::int64_t> check_range(std::int64_t value, integer_range range, json_location const& at);
result<std::chrono::seconds> check_seconds(std::int64_t value, json_location const& at);

// Not empty, no control characters.
result<std::string> check_text(std::string_view text, json_location const& at);

// Of an image in a folder of images: up to 63 of A-Z, a-z, 0-9, '.', '_' and '-', no '.' first.
result<std::string> check_image_name(std::string_view text, json_location const& at);

result<std::string> check_info_hash(std::string_view text, json_location const& at);
result<std::string> check_sha256(std::string_view text, json_location const& at);

// A specification of levels (agent/log/log_levels.hpp).
result<log::level_set> check_log_levels(std::string_view text, json_location const& at);

// "auto" (empty), or a size (base/parse_size.hpp) within memory_range.
result<std::optional<std::int64_t>> check_memory(std::string_view text, json_location const& at);

// Words. One that is known but that this version cannot carry out is refused as such.
result<target_role> check_role(std::string_view text, json_location const& at);
result<existing_data> check_existing(std::string_view text, json_location const& at);
result<block_compression> check_compression(std::string_view text, json_location const& at);
result<backup_gpt> check_backup_gpt(std::string_view text, json_location const& at);
result<verification> check_verify(std::string_view text, json_location const& at);
result<std::string> check_bus(std::string_view text, json_location const& at);
result<tie_break> check_choose(std::string_view text, json_location const& at);
result<void> check_engine(std::string_view text, json_location const& at);
result<std::optional<device_kind>> check_profile(
	std::string_view text, json_location const& at); // empty: auto
result<end_action> check_on_success(std::string_view text, json_location const& at);
result<end_action> check_on_failure(std::string_view text, json_location const& at);

} // namespace rawswarm
