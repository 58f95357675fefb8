// SPDX-License-Identifier: BSD-3-Clause
// What is asked of a running agent, and its answers (docs/spec.md, "The agent's socket"): one line of JSON
// each way, with the version of this format in it. There and back. Pure.
#pragma once

#include "base/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

inline constexpr int control_version = 1;

// A request is a few words, or names machines by their hardware addresses: some 3,000 fit. An answer names
// every peer (libtorrent keeps 2,000 connections at most), or every machine of a room.
inline constexpr std::size_t max_control_request_bytes = std::size_t(64) * 1024;
inline constexpr std::size_t max_answer_bytes = std::size_t(16) * 1024 * 1024;

// Objects and arrays inside each other; a status needs five.
inline constexpr int max_control_depth = 32;

enum class control_verb
{
	status,
	log,
	stop,
	room,
	set,
};

struct control_request
{
	control_verb verb = control_verb::status;
	std::string levels; // of `log`, as log::parse_levels() takes them
	bool as_text = false; // of `status`: for a person
	std::string room =
		{}; // of `room`: what is asked for, an object of JSON (docs/spec.md, "The room's orders")

	std::vector<std::string> words = {}; // of `set`, as agent/manifest/settings_change.hpp takes them

	friend bool operator==(control_request const&, control_request const&) = default;
};

// A line of ASCII with its newline. Names of devices and texts of others may hold any bytes.
std::string one_line(nlohmann::ordered_json const& j);

// A member of an object. Empty: it is not there, or of another type.
std::string text_of(nlohmann::ordered_json const& object, char const* key);

// Lines, each with its newline.
std::string request_line(control_request const& request);
std::string answer_line(nlohmann::ordered_json const& answer); // an object; gets the version
std::string error_line(error const& e);

// Anyone may have sent it: unknown keys are ignored. fault::refused: no JSON, nested deeper than
// max_control_depth, another version, a verb that is not known, a wrong type.
result<control_request> parse_request(std::string_view line);

// The answer, or the error that it is. fault::network: no JSON, nested deeper than that, or of another
// version.
result<nlohmann::ordered_json> parse_answer(std::string_view line);

} // namespace rawswarm
