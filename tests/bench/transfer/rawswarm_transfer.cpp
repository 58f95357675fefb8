// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/transfer/transfer_program.hpp"
#include "tests/support/base/temp_dir.hpp"
#include "tests/support/program/rawswarm_program.hpp"
#include "tests/support/program/room_image.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace rawswarm::bench
{

namespace
{

constexpr char const* seeder_address = "127.0.0.1:6881";
constexpr char const* client_address = "127.0.0.1:6882";
constexpr std::chrono::seconds time_to_serve{60}; // strace slows it down

class rawswarm_transfer final : public transfer_program
{
public:
	rawswarm_transfer(std::string path, std::string name)
		: m_path(std::move(path))
		, m_name(std::move(name))
	{}

	std::string name() const override { return m_name; }

	test::child_options seeder(transfer_task const& task) const override
	{
		auto job = job_on(seeder_address);
		job["targets"] = {
			{{"torrent", task.content.torrent}, {"device", task.content.source}, {"role", "seed"}}};
		return run(task, "seeder", job);
	}

	bool serves(test::child_process& seeder) const override
	{
		return seeder.wait_for_text(": seeding", time_to_serve);
	}

	test::child_options client(transfer_task const& task) const override
	{
		auto job = job_on(client_address);
		job["targets"] = {{{"torrent", task.content.torrent}, {"device", task.target.path()}}};
		job["swarm"]["peers"] = {seeder_address};
		job["seed_until"] = {{"idle_seconds", 0}, {"seconds", 0}};
		return run(task, "client", job);
	}

	bool is_right(transfer_task const& task) const override
	{
		return test::is_equal(task.target.content(), task.content.image);
	}

	std::string refusal(transfer_target const&) const override { return {}; }

private:
	static nlohmann::json job_on(char const* const address)
	{
		return {{"version", 1}, {"name", "bench"}, {"swarm", {{"listen", address}, {"lsd", false}}},
			{"on_success", "continue"}, {"on_failure", "continue"}};
	}

	test::child_options run(
		transfer_task const& task, std::string const& side, nlohmann::json const& job) const
	{
		auto const path = task.folder + "/" + side + ".json";
		test::write_file(path, job.dump());
		auto options = test::rawswarm_command({"run", path, "--memory", task.memory, "--json"});
		options.argv.front() = m_path;
		return options;
	}

	std::string m_path;
	std::string m_name;
};

} // namespace

std::unique_ptr<transfer_program> make_rawswarm_transfer(std::string path, std::string name)
{
	return std::make_unique<rawswarm_transfer>(std::move(path), std::move(name));
}

} // namespace rawswarm::bench
