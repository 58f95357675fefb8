// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/room_command.hpp"

#include "agent/cli/all_sockets.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/room_table.hpp"
#include "agent/control/control_client.hpp"
#include "agent/control/control_socket.hpp"
#include "agent/log/log.hpp"
#include "base/clean_text.hpp"

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

constexpr std::array verbs{room_verb::list, room_verb::image, room_verb::cancel, room_verb::wake,
	room_verb::forget, room_verb::capture};

// Of all that listen at the usual places, agents among them: those that say that they have a room. One that
// does not answer is told only if there is no server besides.
result<std::vector<std::string>> find_servers()
{
	BOOST_OUTCOME_TRY(paths, all_sockets());
	std::vector<std::string> found;
	std::optional<error> silent;
	for (auto const& path : paths)
	{
		auto const status = ask_agent(path, {control_verb::status, {}, false});
		if (status && status.value().contains("room"))
		{
			found.push_back(path);
		}
		else if (!status && !is_nobody(status.error()) && !silent)
		{
			silent = status.error();
		}
	}
	if (found.empty() && silent)
	{
		return *silent;
	}
	return found;
}

result<std::string> only_server(std::string const& socket)
{
	if (!socket.empty())
	{
		return socket;
	}
	BOOST_OUTCOME_TRY(found, find_servers());
	if (found.empty())
	{
		return fail(
			fault::network, "no rawswarm serve runs on this machine: none listens in {}", control_folder);
	}
	if (found.size() > 1)
	{
		return fail(fault::usage,
			"several rooms are served by this machine, --socket says which is meant: {}",
			fmt::join(found, ", "));
	}
	return found.front();
}

} // namespace

result<room_request> read_room_words(room_words const& words)
{
	auto const verb = std::ranges::find(verbs, std::string_view(words.order),
		[](room_verb const v) { return std::string_view(to_string(v)); });
	if (verb == verbs.end())
	{
		return fail(fault::usage, "room: \"{}\" is none of list, image, cancel, wake, forget, capture",
			printable(words.order));
	}
	bool const has_image = *verb == room_verb::image || *verb == room_verb::capture;
	if (words.machines.empty() != (*verb == room_verb::list))
	{
		return fail(fault::usage, "room {}: {}", words.order,
			words.machines.empty()
				? "which machines? Names, hardware addresses, groups or all, with commas between them"
				: "it takes no machines");
	}
	if (words.image.empty() == has_image)
	{
		return fail(fault::usage, "room {}: {}", words.order,
			!has_image                      ? "it takes no image"
				: *verb == room_verb::image ? "which image?"
											: "which name is the image to have?");
	}
	if (words.now && !has_image)
	{
		return fail(fault::usage, "room {}: --now is for image and capture", words.order);
	}
	return room_request{*verb, words.machines, words.image, words.now};
}

void room_command::add_options(CLI::App& app)
{
	app.add_option("ORDER", m_words.order, "What is asked, or to be done")
		->capture_default_str()
		->type_name("list|image|cancel|wake|forget|capture");
	app.add_option(
		"MACHINES", m_words.machines, "Names, hardware addresses, groups or all, with commas between them");
	app.add_option("IMAGE", m_words.image, "Of image: its name; of capture: that of the new one");
	app.add_flag("--now", m_words.now, "With image and capture: wake the machines as well");
}

result<int> room_command::run(common_options const& common, std::string const& socket) const
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	BOOST_OUTCOME_TRY(request, read_room_words(m_words));
	BOOST_OUTCOME_TRY(path, only_server(socket));
	BOOST_OUTCOME_TRY(
		answer, ask_agent(path, {control_verb::room, {}, false, room_request_as_json(request)}));
	auto const text = request.verb == room_verb::list ? room_table(answer) : order_text(answer);
	BOOST_OUTCOME_TRYV(print(common.json ? one_line(answer) : text));
	if (auto const why = text_of(answer, "not_woken"); !why.empty())
	{
		return fail(fault::network, "ordered, but not woken: {}", clean_text(why));
	}
	return 0;
}

} // namespace rawswarm
