// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/swarm/rawswarm_contender.hpp"

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/room_image.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <utility>

namespace rawswarm::bench
{

namespace
{

constexpr char const* listen = "0.0.0.0:6881";
constexpr int beacon_interval_ms =
	100; // the shortest allowed: a fiftieth of 5 s, the shortest run worth a timeline

class rawswarm_contender final : public contender
{
public:
	explicit rawswarm_contender(task t)
		: m_task(std::move(t))
	{}

	test::child_options seeder() override
	{
		if (!m_task.compress.empty())
		{
			return with_log("seeder", {"run", write_job(0, seeder_job()), "--memory", "64M", "--json"});
		}
		return with_log("seeder",
			{"seed", m_task.content.torrent, m_task.content.source, "--listen", listen, "--beacon",
				beacon_inbox::address(), "--memory", "64M", "--json"});
	}

	test::child_options client(std::size_t const host) override
	{
		auto job = common_job();
		job["targets"] = {{{"torrent", m_task.content.torrent}, {"device", target(host)}}};
		job["swarm"]["peers"] = {room::address(0) + ":6881"};
		job["seed_until"] = {{"idle_seconds", 0}, {"seconds", 24 * 3600}}; // until it is stopped
		if (!std::filesystem::exists(target(host)))
		{
			test::write_sparse_file(target(host), static_cast<std::uint64_t>(m_task.content.device_bytes));
		}
		return with_log(
			fmt::format("client-{}", host), {"run", write_job(host, job), "--memory", m_task.memory});
	}

	bool serves(test::child_process&, beacon_inbox const& beacons) override
	{
		return beacons.done_at(0).has_value();
	}

	std::optional<clock::time_point> done_at(
		std::size_t const host, test::child_process&, beacon_inbox const& beacons, clock::time_point) override
	{
		return beacons.done_at(host);
	}

	std::string target(std::size_t const host) const override
	{
		return fmt::format("{}/target-{}", m_task.folder, host);
	}

	bool is_right(std::size_t const host) const override
	{
		return test::is_equal(target(host), m_task.content.image);
	}

	std::optional<std::int64_t> sent(test::child_process const& seeder) const override
	{
		return nlohmann::json::parse(seeder.out()).at("targets").at(0).at("uploaded").get<std::int64_t>();
	}

	bool ended_well(std::size_t, int const exit_code) const override
	{
		return exit_code == test::exit_code::done || exit_code == test::exit_code::terminated;
	}

private:
	nlohmann::json common_job() const
	{
		nlohmann::json job{{"version", 1}, {"name", "bench"}, {"swarm", {{"listen", listen}}},
			{"beacon", {{"to", {beacon_inbox::address()}}, {"interval_ms", beacon_interval_ms}}},
			{"on_success", "continue"}, {"on_failure", "continue"}};
		if (!m_task.compress.empty())
		{
			job["swarm"]["compress"] = m_task.compress;
		}
		return job;
	}

	nlohmann::json seeder_job() const
	{
		auto job = common_job();
		job["targets"] = {
			{{"torrent", m_task.content.torrent}, {"device", m_task.content.source}, {"role", "seed"}}};
		return job;
	}

	std::string write_job(std::size_t const host, nlohmann::json const& job) const
	{
		auto path = fmt::format("{}/job-{}.json", m_task.folder, host);
		test::write_file(path, job.dump());
		return path;
	}

	test::child_options with_log(std::string const& name, std::vector<std::string> arguments) const
	{
		if (!m_task.logs.empty())
		{
			arguments.insert(arguments.end(), {"--log", "info,swarm=debug"});
		}
		auto options = test::rawswarm_command(arguments);
		if (!m_task.logs.empty())
		{
			options.stderr_path = fmt::format("{}/{}.log", m_task.logs, name);
		}
		return options;
	}

	task m_task;
};

} // namespace

std::unique_ptr<contender> make_rawswarm(task const& t)
{
	return std::make_unique<rawswarm_contender>(t);
}

} // namespace rawswarm::bench
