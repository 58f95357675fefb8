// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/watch_command.hpp"

#include "agent/cli/host_names.hpp"
#include "agent/cli/repeatable.hpp"
#include "agent/least_power/least_power.hpp"
#include "agent/log/log.hpp"
#include "agent/manifest/parse_flag.hpp"

#include <CLI/App.hpp>

#include <chrono>
#include <cstdint>

#include <linux/capability.h>

namespace rawswarm
{

void watch_command::add_options(CLI::App& app)
{
	auto* const listen = app.add_option("--listen", m_listen, "Where beacons come in");
	listen->capture_default_str()->type_name("ADDRESS:PORT");
	auto* const group = app.add_option("--group", m_groups, "Multicast group to join, repeatable");
	repeatable(group->default_str("239.255.77.1 and ff05::7700"), "ADDRESS");
	app.add_option("--key-file", m_options.key_file, "Show only beacons signed with this key")
		->type_name("FILE");
	auto* const plain =
		app.add_flag("--plain", m_options.plain, "Lines, on a terminal too, instead of a table");
	plain->excludes(app.get_option("--json"));
	auto* const record = app.add_option("--record", m_options.record, "Keep what arrives in this file");
	record->type_name("FILE");
	auto* const replay =
		app.add_option("--replay", m_options.replay, "Show a recording instead of the network");
	replay->type_name("FILE")->excludes(record)->excludes(listen)->excludes(group);
	app.add_option("--speed", m_options.speed, "Of a replay: so many times as fast")
		->needs(replay)
		->type_name("X")
		->check(CLI::Range(0.01, 10000.0));
	auto* const expect = app.add_option("--expect", m_options.expect, "Exit once so many agents are done");
	expect->type_name("N")->check(CLI::Range(1, 1000000));
	app.add_option("--timeout", m_timeout, "Give up on --expect after so long")
		->needs(expect)
		->type_name("SECONDS")
		->check(CLI::Range(1, 100000000));
	app.add_option("--silence", m_silence, "Report an agent that is silent for so long")
		->capture_default_str()
		->type_name("SECONDS")
		->check(CLI::Range(1, 100000000));
	auto* const http =
		app.add_option("--http", m_http, "Show the room as a page, and as /metrics for Prometheus");
	http->type_name("ADDRESS:PORT")->excludes(replay);
	repeatable(app.add_option("--http-name", m_options.publish.names,
					  "Another name of this machine for --http, repeatable")
				   ->needs(http),
		"NAME");
	app.add_option(
		   "--prometheus", m_options.publish.metrics, "Write metrics for node_exporter's textfile collector")
		->excludes(replay)
		->type_name("FILE.prom");
}

result<int> watch_command::run(common_options const& common)
{
	BOOST_OUTCOME_TRYV(log::set_levels_from(common.log));
	BOOST_OUTCOME_TRYV(parse_flag(m_listen, "--listen", parse_listener, m_options.listen));
	if (!m_groups.empty())
	{
		m_options.every_group = true;
		m_options.groups.clear();
	}
	BOOST_OUTCOME_TRYV(parse_flag(m_groups, "--group", parse_multicast_group, m_options.groups));
	BOOST_OUTCOME_TRYV(parse_flag(m_http, "--http", parse_listener, m_options.publish.http));
	BOOST_OUTCOME_TRYV(check_host_names(m_options.publish.names));
	m_options.json = common.json;
	m_options.timeout = std::chrono::seconds(m_timeout);
	m_options.silence = std::chrono::seconds(m_silence);
	if (common.sandbox)
	{
		// All is open by then, and there is one thread. The file of metrics may be in another user's folder.
		least_power power;
		if (!m_options.publish.metrics.empty())
		{
			power.capabilities.add({CAP_DAC_OVERRIDE});
		}
		m_options.on_listening = [power](std::uint16_t) { give_up_power(power); };
	}
	return rawswarm::watch(m_options);
}

} // namespace rawswarm
