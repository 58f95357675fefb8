// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/transfer/transfer_run.hpp"

#include "tests/bench/swarm/machine_load.hpp"
#include "tests/support/base/child_process.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <stdexcept>

namespace rawswarm::bench
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{20}; // what a thread does at its very end may be missed
constexpr std::chrono::minutes time_to_transfer{10};
constexpr std::chrono::seconds time_to_end{30};

[[noreturn]] void give_up(std::string const& what, test::child_process const& child)
{
	throw std::runtime_error(fmt::format("{}; it printed:\n{}{}", what, child.out(), child.err()));
}

cpu_time used_by(test::child_process const& child)
{
	auto const seconds = [](timeval const& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
	return {seconds(child.used().ru_utime), seconds(child.used().ru_stime)};
}

} // namespace

transfer run_transfer(transfer_program const& program, transfer_task const& task)
{
	test::child_process seeder(program.seeder(task));
	if (!program.serves(seeder))
	{
		give_up("the seeder does not serve", seeder);
	}
	process_watch seeder_watch(seeder.pid());
	seeder_watch.look();
	seeder_watch.start_over();
	machine_load const load;

	test::child_process client(program.client(task));
	process_watch client_watch(client.pid());
	std::optional<int> code;
	while (!code && clock::now() - client.started() < time_to_transfer)
	{
		client_watch.look();
		code = client.wait(look_interval);
	}
	transfer result;
	result.seconds = std::chrono::duration<double>(clock::now() - client.started()).count();
	result.busy = load.busy();
	seeder_watch.look();
	if (code != 0)
	{
		give_up("the client has failed", client);
	}
	result.client = {client_watch.threads(), used_by(client), client_watch.peak()};
	result.seeder = {seeder_watch.threads(), sum_of(seeder_watch.threads()), seeder_watch.peak()};
	seeder.signal(SIGTERM);
	if (!seeder.wait(time_to_end))
	{
		give_up("the seeder does not end", seeder);
	}
	result.is_right = program.is_right(task);
	return result;
}

} // namespace rawswarm::bench
