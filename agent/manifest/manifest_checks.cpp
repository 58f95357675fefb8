// SPDX-License-Identifier: BSD-3-Clause
#include "agent/manifest/manifest_checks.hpp"

#include "base/clean_text.hpp"
#include "base/parse_size.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <optional>

namespace rawswarm
{

namespace
{

// Bytes. As long as a label of a host name; file systems take four times as much.
constexpr std::size_t max_image_name = 63;

error refuse_value(json_location const& at, std::string_view expected, std::string_view text)
{
	return at.refuse("must be {}, not \"{}\"", expected, printable(text));
}

// A word and its meaning; empty: known, but this version cannot carry it out. To support it, give it its
// value and allow it in manifest.schema.json.
template <class T>
struct keyword
{
	std::string_view word;
	std::optional<T> value;
};

// "a", "a" or "b", "a", "b" or "c", each in quotes.
template <class T, std::size_t N>
std::string list_words(keyword<T> const (&words)[N])
{
	std::string list;
	for (std::size_t i = 0; i < N; ++i)
	{
		list += i == 0 ? "" : i + 1 == N ? " or " : ", ";
		list += fmt::format("\"{}\"", words[i].word);
	}
	return list;
}

template <class T, std::size_t N>
result<T> check_word(std::string_view text, keyword<T> const (&words)[N], json_location const& at)
{
	auto const found = std::ranges::find(words, text, &keyword<T>::word);
	if (found == std::end(words))
	{
		return refuse_value(at, list_words(words), text);
	}
	if (!found->value)
	{
		return at.refuse("\"{}\" is not supported by this version", text);
	}
	return *found->value;
}

result<std::string> check_digits(
	std::string_view const text, std::size_t const digits, json_location const& at)
{
	if (text.size() != digits || !std::ranges::all_of(text, is_hex_digit))
	{
		return refuse_value(at, fmt::format("{} hexadecimal digits", digits), text);
	}
	return lower_case(text);
}

constexpr keyword<target_role> roles[] = {{"image", target_role::image}, {"seed", target_role::seed}};

constexpr keyword<existing_data> existing_words[] = {
	{"discard", existing_data::discard},
	{"verify", existing_data::verify},
};

constexpr keyword<backup_gpt> backup_gpt_words[] = {{"keep", backup_gpt::keep}, {"move", backup_gpt::move}};

constexpr keyword<block_compression> compression_words[] = {
	{"auto", block_compression::automatic},
	{"on", block_compression::on},
	{"off", block_compression::off},
};

constexpr keyword<verification> verify_words[] = {
	{"none", verification::none},
	{"readback", verification::readback},
};

constexpr keyword<std::string_view> buses[] = {
	{"nvme", "nvme"},
	{"ata", "ata"},
	{"usb", "usb"},
	{"scsi", "scsi"},
	{"sas", "sas"},
	{"iscsi", "iscsi"},
	{"fc", "fc"},
	{"virtio", "virtio"},
	{"mmc", "mmc"},
	{"xen", "xen"},
	{"loop", "loop"},
	{"dm", "dm"},
	{"md", "md"},
};

constexpr keyword<tie_break> choose_words[] = {
	{"smallest", tie_break::smallest},
	{"largest", tie_break::largest},
	{"first", tie_break::first},
};

// How blocks are written to a device. So far there is one way.
enum class io_engine
{
	threads // pwritev, each call on a thread
};

constexpr keyword<io_engine> engine_words[] = {
	{"auto", io_engine::threads},
	{"threads", io_engine::threads},
	{"io_uring", {}},
};

constexpr keyword<end_action> success_words[] = {
	{"continue", end_action::proceed},
	{"reboot", end_action::reboot},
	{"poweroff", end_action::poweroff},
};

constexpr keyword<end_action> failure_words[] = {
	{"shell", end_action::shell},
	{"continue", end_action::proceed},
	{"reboot", end_action::reboot},
	{"poweroff", end_action::poweroff},
};

} // namespace

result<std::int64_t> check_range(std::int64_t value, integer_range range, json_location const& at)
{
	if (value < range.min || value > range.max)
	{
		return at.refuse("must be from {} to {}", range.min, range.max);
	}
	return value;
}

result<std::chrono::seconds> check_seconds(std::int64_t value, json_location const& at)
{
	BOOST_OUTCOME_TRY(seconds, check_range(value, seconds_range, at));
	return std::chrono::seconds(seconds);
}

result<std::string> check_text(std::string_view text, json_location const& at)
{
	if (text.empty())
	{
		return at.refuse("must not be empty");
	}
	if (has_control_characters(text))
	{
		return at.refuse("must not contain control characters");
	}
	return std::string(text);
}

result<std::string> check_image_name(std::string_view text, json_location const& at)
{
	constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	if (text.empty() || text.size() > max_image_name || text.starts_with('.')
		|| text.find_first_not_of(allowed) != std::string_view::npos)
	{
		return at.refuse(
			"must be 1 to {} letters, digits, '.', '_' and '-', without '.' at the start", max_image_name);
	}
	return std::string(text);
}

result<std::string> check_info_hash(std::string_view text, json_location const& at)
{
	constexpr std::size_t sha1_digits = 40;
	return check_digits(text, sha1_digits, at);
}

result<std::string> check_sha256(std::string_view text, json_location const& at)
{
	constexpr std::size_t sha256_digits = 64;
	return check_digits(text, sha256_digits, at);
}

result<log::level_set> check_log_levels(std::string_view text, json_location const& at)
{
	BOOST_OUTCOME_TRY(line, check_text(text, at));
	auto levels = log::parse_levels(line);
	if (!levels)
	{
		return refuse_value(at, "LEVEL or COMPONENT=LEVEL, separated by commas", text);
	}
	return levels;
}

result<std::optional<std::int64_t>> check_memory(std::string_view text, json_location const& at)
{
	if (text == "auto")
	{
		return std::optional<std::int64_t>();
	}
	auto const bytes = parse_size(text);
	if (!bytes)
	{
		return refuse_value(at, R"("auto" or bytes, such as 256M)", text);
	}
	BOOST_OUTCOME_TRY(checked, check_range(*bytes, memory_range, at));
	return std::optional<std::int64_t>(checked);
}

result<target_role> check_role(std::string_view text, json_location const& at)
{
	return check_word(text, roles, at);
}

result<existing_data> check_existing(std::string_view text, json_location const& at)
{
	return check_word(text, existing_words, at);
}

result<block_compression> check_compression(std::string_view text, json_location const& at)
{
	return check_word(text, compression_words, at);
}

result<backup_gpt> check_backup_gpt(std::string_view text, json_location const& at)
{
	return check_word(text, backup_gpt_words, at);
}

result<verification> check_verify(std::string_view text, json_location const& at)
{
	return check_word(text, verify_words, at);
}

result<std::string> check_bus(std::string_view text, json_location const& at)
{
	BOOST_OUTCOME_TRY(bus, check_word(text, buses, at));
	return std::string(bus);
}

result<tie_break> check_choose(std::string_view text, json_location const& at)
{
	return check_word(text, choose_words, at);
}

result<void> check_engine(std::string_view text, json_location const& at)
{
	BOOST_OUTCOME_TRYV(check_word(text, engine_words, at));
	return success();
}

result<std::optional<device_kind>> check_profile(std::string_view text, json_location const& at)
{
	auto const kind = device_kind_from(text);
	if (!kind && text != "auto")
	{
		return refuse_value(at, R"("auto", "hdd", "ssd", "nvme", "virtual" or "file")", text);
	}
	return kind;
}

result<end_action> check_on_success(std::string_view text, json_location const& at)
{
	return check_word(text, success_words, at);
}

result<end_action> check_on_failure(std::string_view text, json_location const& at)
{
	return check_word(text, failure_words, at);
}

} // namespace rawswarm
