// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/room_request.hpp"

#include "agent/manifest/json_reader.hpp"
#include "base/clean_text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace rawswarm
{

namespace
{

using json = nlohmann::json;

constexpr json_limits limits{max_room_request_bytes, 1};

constexpr json_key_name list_keys[] = {{"order", true}};
constexpr json_key_name machine_keys[] = {{"order", true}, {"machines", true}};
constexpr json_key_name image_keys[] = {{"order", true}, {"machines", true}, {"image", true}, {"now", false}};

struct known_verb
{
	char const* name;
	std::span<json_key_name const> keys;
};

// In the order of room_verb.
constexpr std::array<known_verb, 6> known_verbs{{{"list", list_keys}, {"image", image_keys},
	{"cancel", machine_keys}, {"wake", machine_keys}, {"forget", machine_keys}, {"capture", image_keys}}};

result<void> read_text(json const& object, json_location const& at, char const* const key, std::string& out)
{
	auto const found = object.find(key);
	if (found == object.end())
	{
		return success();
	}
	BOOST_OUTCOME_TRY(text, read_string(*found, at.member(key)));
	if (text.empty())
	{
		return at.member(key).refuse("must not be empty");
	}
	out = std::move(text);
	return success();
}

result<known_verb const*> read_verb(json const& object, json_location const& at)
{
	auto const found = object.is_object() ? object.find("order") : object.end();
	if (!object.is_object() || found == object.end())
	{
		return at.refuse("must be an object with the key \"order\"");
	}
	BOOST_OUTCOME_TRY(name, read_string(*found, at.member("order")));
	auto const* const verb = std::ranges::find(known_verbs, std::string_view(name), &known_verb::name);
	if (verb == known_verbs.end())
	{
		return at.member("order").refuse(
			"\"{}\" is none of list, image, cancel, wake, forget, capture", printable(name));
	}
	return verb;
}

} // namespace

char const* to_string(room_verb const verb) noexcept
{
	return known_verbs.at(static_cast<std::size_t>(verb)).name;
}

result<room_request> parse_room_request(std::string_view const text)
{
	auto const at = json_location::in_document("the order");
	json object;
	BOOST_OUTCOME_TRYV(parse_json(text, limits, at, object));
	BOOST_OUTCOME_TRY(verb, read_verb(object, at));
	BOOST_OUTCOME_TRYV(check_keys(object, at, verb->keys));
	room_request request;
	request.verb = static_cast<room_verb>(verb - known_verbs.data());
	BOOST_OUTCOME_TRYV(read_text(object, at, "machines", request.machines));
	BOOST_OUTCOME_TRYV(read_text(object, at, "image", request.image));
	if (auto const now = object.find("now"); now != object.end())
	{
		BOOST_OUTCOME_TRY(wanted, read_bool(*now, at.member("now")));
		request.now = wanted;
	}
	return request;
}

std::string room_request_as_json(room_request const& request)
{
	nlohmann::ordered_json j{{"order", to_string(request.verb)}};
	for (auto const& [key, text] : {std::pair{"machines", &request.machines}, {"image", &request.image}})
	{
		if (!text->empty())
		{
			j[key] = *text;
		}
	}
	if (request.now)
	{
		j["now"] = true;
	}
	return j.dump(-1, ' ', true, json::error_handler_t::replace);
}

} // namespace rawswarm
