// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/room_requests.hpp"

#include "agent/log/log.hpp"
#include "agent/serve/machine_state.hpp"
#include "base/clean_text.hpp"
#include "base/nearest.hpp"
#include "base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

constexpr std::size_t most_named = 10; // machines in one line

std::string join(std::vector<std::string> const& names)
{
	auto const shown = std::min(names.size(), most_named);
	auto const end = names.begin() + static_cast<std::ptrdiff_t>(shown);
	auto const text = fmt::format("{}", fmt::join(names.begin(), end, ", "));
	return shown < names.size() ? fmt::format("{} and {} more", text, names.size() - shown) : text;
}

} // namespace

room_requests::room_requests(environment env)
	: m_env(std::move(env))
{}

json room_requests::list() const
{
	auto all = m_env.book.list();
	for (auto& machine : all["machines"])
	{
		auto const mac = machine.value("mac", std::string());
		auto const heard = m_env.heard && !mac.empty() ? m_env.heard(mac) : heard_state{};
		machine["state"] = machine_state(machine, heard.state);
		if (machine.contains("job") && is_at_work(heard.state))
		{
			machine["percent"] = heard.percent;
		}
	}
	return all;
}

std::vector<std::string> room_requests::names_of(std::vector<std::string> const& macs) const
{
	std::vector<std::string> names;
	std::ranges::transform(
		macs, std::back_inserter(names), [this](auto const& mac) { return m_env.book.name_of(mac); });
	return names;
}

// Which name is meant, if one of the list means nothing.
error room_requests::with_suggestion(std::string_view const machines, error why) const
{
	auto const& room = m_env.book.room();
	std::vector<std::string> known;
	std::ranges::transform(room.machines, std::back_inserter(known), [](auto const& m) { return m.first; });
	std::ranges::transform(room.groups, std::back_inserter(known), [](auto const& g) { return g.first; });
	for (auto const part : split(machines, ','))
	{
		auto const name = trim(part);
		if (name.empty() || m_env.book.resolve(name))
		{
			continue;
		}
		if (auto const meant = nearest(name, known))
		{
			why.text += fmt::format("; did you mean \"{}\"?", *meant);
		}
		break;
	}
	return why;
}

result<std::vector<std::string>> room_requests::find(std::string_view const machines) const
{
	auto found = m_env.book.resolve(machines);
	if (!found && found.error().kind == fault::usage)
	{
		return with_suggestion(machines, found.error());
	}
	return found;
}

result<void> room_requests::check_image(room_request const& request) const
{
	auto const& images = m_env.book.room().images;
	if (request.verb != room_verb::image || images.contains(request.image))
	{
		return success();
	}
	std::vector<std::string> known;
	std::ranges::transform(images, std::back_inserter(known), [](auto const& i) { return i.first; });
	auto const meant = nearest(request.image, known);
	return fail(fault::usage, "room image: the room has no image \"{}\"{}", printable(request.image),
		meant ? fmt::format("; did you mean \"{}\"?", *meant) : "");
}

// What works on a disk is not told otherwise in the middle: what it says at its end would be taken for the
// answer. Only what was given a job from here: beacons of others, which anybody may send, mean nothing.
bool room_requests::holds_disk(std::string const& mac) const
{
	auto const& records = m_env.book.records();
	auto const record = records.find(mac);
	return m_env.heard && record != records.end() && !record->second.job_image.empty()
		&& is_at_work(m_env.heard(mac).state);
}

result<void> room_requests::check_idle(
	room_request const& request, std::vector<std::string> const& macs) const
{
	std::vector<std::string> busy;
	std::ranges::copy_if(macs, std::back_inserter(busy), [this](auto const& mac) { return holds_disk(mac); });
	if (busy.empty())
	{
		return success();
	}
	return fail(fault::refused, "room {}: {} {} at work on {} at the moment; ask again at the end",
		to_string(request.verb), join(names_of(busy)), busy.size() == 1 ? "is" : "are",
		busy.size() == 1 ? "its disk" : "their disks");
}

result<std::vector<std::string>> room_requests::change(room_request const& request)
{
	auto& book = m_env.book;
	switch (request.verb)
	{
	case room_verb::image: return book.order(request.machines, request.image);
	case room_verb::cancel: return book.order(request.machines, {});
	case room_verb::forget: return book.forget(request.machines);
	case room_verb::capture: return book.capture(request.machines, request.image);
	case room_verb::list:
	case room_verb::wake: break;
	}
	return book.resolve(request.machines);
}

result<std::size_t> room_requests::wake(std::vector<std::string> const& macs) const
{
	std::vector<mac_address> addresses;
	for (auto const& mac : macs)
	{
		if (auto const address = parse_mac_address(mac))
		{
			addresses.push_back(*address);
		}
	}
	return m_env.wake(addresses);
}

result<json> room_requests::carry_out(std::string_view const text, std::string_view const from)
{
	auto const parsed = parse_room_request(text);
	if (!parsed)
	{
		return fail(fault::usage, "{}", parsed.error().text);
	}
	auto const& request = parsed.value();
	if (request.verb == room_verb::list)
	{
		return list();
	}
	BOOST_OUTCOME_TRY(macs, find(request.machines));
	if (request.verb != room_verb::wake)
	{
		BOOST_OUTCOME_TRYV(check_image(request));
		BOOST_OUTCOME_TRYV(check_idle(request, macs));
		BOOST_OUTCOME_TRYV(change(request));
	}
	json answer{{"order", to_string(request.verb)}, {"machines", names_of(macs)}};
	if (!request.image.empty())
	{
		answer["image"] = request.image;
	}
	auto& logger = log::get(log::component::agent);
	logger.info("room: {}{}{} for {}, asked by {}", to_string(request.verb), request.image.empty() ? "" : " ",
		clean_text(request.image), join(names_of(macs)), from);
	if (request.verb != room_verb::wake && !request.now)
	{
		return answer;
	}
	auto const woken = wake(macs);
	if (!woken && request.verb == room_verb::wake)
	{
		return woken.error();
	}
	if (woken)
	{
		answer["networks"] = woken.value();
	}
	else
	{
		answer["not_woken"] = woken.error().text; // the order stands
	}
	return answer;
}

} // namespace rawswarm
