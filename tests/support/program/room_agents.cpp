// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/room_agents.hpp"

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/rawswarm_program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;

constexpr int beacon_interval_ms = 100; // the shortest that a job may have
constexpr auto time_to_start = 20s;
constexpr auto time_to_end = 20s;

} // namespace

room_agents::room_agents(room const& hosts, image_files const& image, std::string folder)
	: m_hosts(hosts)
	, m_image(image)
	, m_folder(std::move(folder))
	, m_beacons(hosts)
	, m_agents(hosts.size())
	, m_may_end(hosts.size())
{}

std::string room_agents::peer(std::size_t const host)
{
	return fmt::format("{}:{}", room::address(host), port);
}

nlohmann::json room_agents::job(std::string const& device) const
{
	return {{"version", 1}, {"name", "room"},
		{"targets",
			{{{"torrent", m_image.torrent}, {"device", device}, {"role", "image"}, {"create", true}}}},
		{"swarm", {{"listen", fmt::format("0.0.0.0:{}", port)}, {"lsd", false}}},
		{"seed_until", {{"idle_seconds", 0}, {"seconds", 24 * 3600}}},
		{"beacon", {{"to", {beacon_inbox::address()}}, {"interval_ms", beacon_interval_ms}}},
		{"on_success", "continue"}, {"on_failure", "continue"}};
}

nlohmann::json room_agents::seeder_job() const
{
	auto seeder = job(m_image.image);
	seeder["targets"][0]["role"] = "seed";
	return seeder;
}

nlohmann::json room_agents::client_job(std::size_t const host) const
{
	auto client = job(target(host));
	client["swarm"]["peers"] = {peer(0)};
	return client;
}

std::string room_agents::target(std::size_t const host) const
{
	return fmt::format("{}/target-{}", m_folder, host);
}

void room_agents::start(std::size_t const host, nlohmann::json const& job)
{
	m_agents.at(host).reset();
	m_may_end.at(host) = false;
	auto const path = fmt::format("{}/job-{}.json", m_folder, host);
	write_file(path, job.dump());
	m_agents[host] = m_hosts.start(host, rawswarm_command({"run", path, "--memory", "32M", "--json"}));
}

void room_agents::start_seeder()
{
	start_seeder(seeder_job());
}

void room_agents::start_seeder(nlohmann::json const& job)
{
	start(0, job);
	if (!wait_until([this] { return m_beacons.done_at(0).has_value(); }, time_to_start))
	{
		throw std::runtime_error("the seeder does not begin to serve:\n" + describe());
	}
}

std::int64_t room_agents::done(std::size_t const host) const
{
	auto const& beacons = m_beacons.of(host);
	return beacons.empty() ? 0 : beacons.back().done;
}

int room_agents::peers(std::size_t const host) const
{
	auto const& beacons = m_beacons.of(host);
	return beacons.empty() ? 0 : beacons.back().peers;
}

void room_agents::look_for_failures()
{
	for (std::size_t i = 0; i < m_agents.size(); ++i)
	{
		if (m_agents[i] && !m_may_end[i] && !m_agents[i]->running())
		{
			throw std::runtime_error(fmt::format("the agent of host {} ended:\n{}", i, describe()));
		}
	}
}

bool room_agents::wait_until(std::function<bool()> const& is_so, std::chrono::milliseconds const timeout)
{
	auto const deadline = std::chrono::steady_clock::now() + timeout;
	while (!is_so())
	{
		if (std::chrono::steady_clock::now() >= deadline)
		{
			return false;
		}
		look_for_failures();
		m_beacons.poll(20ms);
	}
	return true;
}

::testing::AssertionResult room_agents::are_done(
	std::vector<std::size_t> const& hosts, std::chrono::milliseconds const timeout)
{
	auto const has_all = [this](std::size_t const host) { return m_beacons.done_at(host).has_value(); };
	if (wait_until([&] { return std::ranges::all_of(hosts, has_all); }, timeout))
	{
		return ::testing::AssertionSuccess();
	}
	return ::testing::AssertionFailure() << "not all done within " << timeout.count() << " ms";
}

::testing::AssertionResult room_agents::are_right(std::vector<std::size_t> const& hosts) const
{
	std::vector<std::size_t> wrong;
	std::ranges::copy_if(hosts, std::back_inserter(wrong),
		[this](std::size_t const host) { return !is_equal(target(host), m_image.image); });
	if (wrong.empty())
	{
		return ::testing::AssertionSuccess();
	}
	return ::testing::AssertionFailure() << fmt::format("not equal to the image: {}", fmt::join(wrong, ", "));
}

nlohmann::json room_agents::stop(std::size_t const host)
{
	m_may_end.at(host) = true;
	auto& agent = process(host);
	agent.signal(SIGTERM);
	auto const code = agent.wait(time_to_end);
	if (code != exit_code::terminated)
	{
		throw std::runtime_error(
			fmt::format("the agent of host {} did not end well by SIGTERM:\n{}", host, describe()));
	}
	return nlohmann::json::parse(agent.out());
}

void room_agents::let_end(std::vector<std::size_t> const& hosts)
{
	for (auto const host : hosts)
	{
		m_may_end.at(host) = true;
	}
}

std::optional<nlohmann::json> room_agents::wait_for_end(
	std::size_t const host, std::chrono::milliseconds const timeout)
{
	m_may_end.at(host) = true;
	auto& agent = process(host);
	if (!wait_until([&agent] { return !agent.running(); }, timeout))
	{
		return std::nullopt;
	}
	if (agent.wait(0ms) != exit_code::done)
	{
		throw std::runtime_error(fmt::format("the agent of host {} failed:\n{}", host, describe()));
	}
	return nlohmann::json::parse(agent.out());
}

std::string room_agents::describe() const
{
	std::string text;
	for (std::size_t i = 0; i < m_agents.size(); ++i)
	{
		if (m_agents[i])
		{
			text += fmt::format("host {}: {} of {} bytes, {} peers; it printed:\n{}{}", i, done(i),
				m_image.bytes, peers(i), m_agents[i]->out(), m_agents[i]->err());
		}
	}
	return text;
}

std::vector<std::size_t> hosts_between(std::size_t const first, std::size_t const last)
{
	std::vector<std::size_t> hosts(last - first + 1);
	std::iota(hosts.begin(), hosts.end(), first);
	return hosts;
}

} // namespace rawswarm::test
