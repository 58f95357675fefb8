// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/report_intake.hpp"

#include "agent/beacon/report_mac.hpp"
#include "agent/log/log.hpp"
#include "agent/manifest/json_reader.hpp"
#include "agent/progress/report_json.hpp"

#include <string>

namespace rawswarm
{

namespace
{

using nlohmann::json;

constexpr std::size_t max_report_depth = 32;

http_reply refuse(unsigned const status, std::string_view const from, std::string const& why)
{
	log::get(log::component::agent).warn("a report from {} does not count: {}", from, why);
	return make_reply(status, why);
}

std::string target_of(http_question const& question)
{
	std::string target(question.path);
	if (!question.query.empty())
	{
		target += '?';
		target += question.query;
	}
	return target;
}

} // namespace

// Agents of other versions may say more.
result<room_outcome> read_report(std::string_view const text)
{
	auto const root = json_location::in_document("a report");
	json document;
	BOOST_OUTCOME_TRYV(parse_json(text, {max_report_bytes, max_report_depth}, root, document));
	if (!document.is_object() || !document.contains("exit_code"))
	{
		return root.refuse("\"exit_code\" is missing");
	}
	BOOST_OUTCOME_TRY(code, read_integer(document["exit_code"], root.member("exit_code")));
	if (code < 0 || code > 255)
	{
		return root.member("exit_code").refuse("must be from 0 to 255");
	}
	room_outcome outcome{.code = int(code), .error = {}};
	if (code == 0)
	{
		return outcome;
	}
	outcome.error = fmt::format("ended with {}", code);
	auto const error = document.find("error");
	if (error != document.end() && error->is_object() && error->contains("text"))
	{
		BOOST_OUTCOME_TRY(said, read_string((*error)["text"], root.member("error").member("text")));
		outcome.error = std::move(said);
	}
	return outcome;
}

http_reply take_report(room_book& book, std::string_view const token, http_question const& question)
{
	auto const from = question.peer.to_string();
	auto const meant = book.read_token(token);
	if (!meant)
	{
		return refuse(404, from, meant.error().text);
	}
	auto const& key = book.room().beacon_key;
	if (key && !report_is_authentic(question.authorization, target_of(question), question.body, *key))
	{
		return refuse(403, from,
			fmt::format("reading the report of {}: it is not signed with the room's key",
				book.name_of(meant.value().mac)));
	}
	auto const outcome = read_report(question.body);
	if (!outcome)
	{
		return refuse(400, from, outcome.error().text);
	}
	auto const taken = book.report(meant.value(), outcome.value());
	if (!taken)
	{
		log::get(log::component::agent).error("{}", taken.error().text);
		return make_reply(503, taken.error().text);
	}
	log::get(log::component::agent).info("{}", taken.value());
	return make_reply(200, taken.value());
}

} // namespace rawswarm
