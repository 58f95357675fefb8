// SPDX-License-Identifier: BSD-3-Clause
// What machines do with a room's book, in a word each. For tests.
#pragma once

#include "tests/unit/room/room_sample.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace rawswarm::test
{

inline constexpr char const* one_machine =
	R"({ "version": 1, "name": "lab", "image": "a", "machines": { "pc-01": { "mac": "52:54:00:00:00:01" } } })";

// "disk", or what it boots and which image.
inline std::string choice_of(room_book& book, room_identity const& who)
{
	auto const choice = book.choose(who);
	return choice.kind == boot_kind::own_disk ? "disk"
		: choice.kind == boot_kind::image     ? "image " + choice.image
											  : "capture " + choice.image;
}

inline nlohmann::json job_of(room_book& book, room_identity const& who)
{
	return nlohmann::json::parse(value_of(book.job_for(who, sample_server())).text);
}

// The token at the end of the URL that a job's report goes to.
inline std::string token_text_of(nlohmann::json const& job)
{
	auto const url = job.at("report").at("to").get<std::string>();
	return url.substr(url.rfind('/') + 1);
}

inline report_token token_of(room_book const& book, nlohmann::json const& job)
{
	return value_of(book.read_token(token_text_of(job)));
}

inline std::string finish(room_book& book, room_identity const& who, room_outcome const& outcome = {})
{
	return value_of(book.report(token_of(book, job_of(book, who)), outcome));
}

inline nlohmann::ordered_json listed(room_book const& book, std::string const& name)
{
	auto const list = book.list();
	for (auto const& machine : list.at("machines"))
	{
		if (machine.at("name") == name)
		{
			return machine;
		}
	}
	return {};
}

} // namespace rawswarm::test
