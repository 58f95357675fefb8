// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/control.hpp"

#include "agent/cli/all_sockets.hpp"
#include "agent/cli/output.hpp"
#include "agent/control/control_client.hpp"
#include "agent/control/control_message.hpp"
#include "agent/log/log.hpp"
#include "agent/manifest/settings_change.hpp"
#include "base/clean_text.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace rawswarm
{

namespace
{

using json = nlohmann::ordered_json;

error no_agent()
{
	return fail(fault::network, "no agent runs on this machine: none listens in {}", control_folder);
}

// The one that is meant.
result<std::string> only_agent(std::string const& socket)
{
	if (!socket.empty())
	{
		return socket;
	}
	BOOST_OUTCOME_TRY(paths, all_sockets());
	std::vector<std::string> found;
	for (auto const& path : paths)
	{
		auto const connected = connect_to_agent(path);
		if (connected)
		{
			found.push_back(path);
		}
		else if (!is_nobody(connected.error()))
		{
			return connected.error();
		}
	}
	if (found.empty())
	{
		return no_agent();
	}
	if (found.size() > 1)
	{
		return fail(fault::usage, "several agents run on this machine, --socket says which is meant: {}",
			fmt::join(found, ", "));
	}
	return found.front();
}

std::string levels_text(json const& answer)
{
	std::string text;
	auto const levels = answer.value("log", json::object());
	for (auto const& [component, level] : levels.items())
	{
		text += fmt::format(
			"{}{}={}", text.empty() ? "" : ",", component, level.is_string() ? level.get<std::string>() : "");
	}
	return clean_text(text) + "\n";
}

std::string settings_text(json const& answer)
{
	auto const settings = answer.value("settings", json::object());
	auto text = fmt::format("memory={} threads={}\n", settings.value("memory", json()).dump(),
		settings.value("threads", json()).dump());
	for (auto const& t : settings.value("targets", json::array()))
	{
		auto const coalesce = t.value("coalesce", json::object());
		text += fmt::format("  {}: writers={} readers={} coalesce.max_blocks={} coalesce.min_blocks={} "
							"coalesce.timeout_ms={}\n",
			clean_text(text_of(t, "device")), t.value("writers", json()).dump(),
			t.value("readers", json()).dump(), coalesce.value("max_blocks", json()).dump(),
			coalesce.value("min_blocks", json()).dump(), coalesce.value("timeout_ms", json()).dump());
	}
	return text + "log=" + levels_text(answer);
}

std::string ending_text(json const& answer)
{
	auto const error = answer.value("error", json::object());
	auto const why = text_of(error, "text");
	return fmt::format("process {} has ended with {}{}\n", answer.value("pid", json()).dump(),
		answer.value("exit_code", json()).dump(), why.empty() ? "" : ": " + clean_text(why));
}

} // namespace

result<int> command_status(std::string const& socket, common_options const& common)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	std::vector<std::string> paths{socket};
	if (socket.empty())
	{
		BOOST_OUTCOME_TRY(found, all_sockets());
		paths = std::move(found);
	}
	json agents = json::array();
	std::string text;
	std::optional<error> failure; // the first one: those that answer are shown all the same
	for (auto const& path : paths)
	{
		auto answer = ask_agent(path, {control_verb::status, {}, !common.json});
		if (answer)
		{
			text += clean_text(text_of(answer.value(), "text"), line_breaks::keep);
			answer.value()["socket"] = path;
			agents.push_back(std::move(answer.value()));
		}
		else if (!socket.empty() || !is_nobody(answer.error()))
		{
			print_error(answer.error().text);
			failure = failure ? failure : answer.error();
		}
	}
	if (agents.empty() && !failure)
	{
		return no_agent();
	}
	BOOST_OUTCOME_TRYV(print(common.json ? one_line({{"version", 1}, {"agents", std::move(agents)}}) : text));
	return failure ? static_cast<int>(failure->kind) : 0;
}

result<int> command_log(std::string const& levels, std::string const& socket, common_options const& common)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	BOOST_OUTCOME_TRYV(log::parse_levels(levels));
	BOOST_OUTCOME_TRY(path, only_agent(socket));
	BOOST_OUTCOME_TRY(answer, ask_agent(path, {control_verb::log, levels, false}));
	BOOST_OUTCOME_TRYV(print(common.json ? one_line(answer) : levels_text(answer)));
	return 0;
}

result<int> command_set(
	std::vector<std::string> const& words, std::string const& socket, common_options const& common)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	BOOST_OUTCOME_TRYV(parse_settings_change(words));
	BOOST_OUTCOME_TRY(path, only_agent(socket));
	control_request request{control_verb::set, {}, false};
	request.words = words;
	BOOST_OUTCOME_TRY(answer, ask_agent(path, request));
	BOOST_OUTCOME_TRYV(print(common.json ? one_line(answer) : settings_text(answer)));
	return 0;
}

result<int> command_stop(std::string const& socket, common_options const& common)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	BOOST_OUTCOME_TRY(path, only_agent(socket));
	BOOST_OUTCOME_TRY(answer, ask_agent(path, {control_verb::stop, {}, false}, std::nullopt));
	BOOST_OUTCOME_TRYV(print(common.json ? one_line(answer) : ending_text(answer)));
	return 0;
}

} // namespace rawswarm
