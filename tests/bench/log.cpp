// SPDX-License-Identifier: BSD-3-Clause
// log: what the log costs where it is off, and where a line only repeats the one before it (Google
// Benchmark).
//
// `off` and `alert_off` are to be below 20 ns: a call and a comparison beside the loop itself, which
// `nothing` shows. They were 9 and 6 ns, a line that is printed 620, one that is only counted 200. Lines go
// to /dev/null.
#include "agent/log/log.hpp"

#include "agent/swarm/alert_text.hpp"

#include <benchmark/benchmark.h>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/stack_allocator.hpp>

#include <cstdint>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

spdlog::logger& swarm()
{
	return log::get(log::component::swarm);
}

void nothing(benchmark::State& state)
{
	std::int64_t piece = 0;
	for (auto _ : state)
	{
		benchmark::DoNotOptimize(++piece);
	}
}

void off(benchmark::State& state)
{
	std::int64_t piece = 0;
	for (auto _ : state)
	{
		benchmark::DoNotOptimize(++piece);
		swarm().debug("piece {} from {}", piece, "10.0.0.7:6881");
	}
}

// As the swarm handles what libtorrent reports.
void alert_off(benchmark::State& state)
{
	lt::aux::stack_allocator memory;
	lt::peer_blocked_alert const alert(memory, {}, {}, lt::peer_blocked_alert::ip_filter);
	lt::alert const* a = &alert;
	for (auto _ : state)
	{
		benchmark::DoNotOptimize(a);
		if (auto const level = alert_level(*a); swarm().should_log(level))
		{
			swarm().log(level, "{}", alert_text(*a));
		}
	}
}

void printed(benchmark::State& state)
{
	std::int64_t piece = 0;
	for (auto _ : state)
	{
		swarm().info("piece {} from {}", ++piece, "10.0.0.7:6881");
	}
}

void repeated(benchmark::State& state)
{
	for (auto _ : state)
	{
		swarm().info("piece {} from {}", 7, "10.0.0.7:6881");
	}
}

BENCHMARK(nothing);
BENCHMARK(off);
BENCHMARK(alert_off);
BENCHMARK(printed);
BENCHMARK(repeated);

} // namespace

} // namespace rawswarm::bench

int main(int argc, char** argv)
{
	int const nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nowhere < 0 || ::dup2(nowhere, STDERR_FILENO) < 0)
	{
		return 1;
	}
	rawswarm::log::setup();
	benchmark::Initialize(&argc, argv);
	benchmark::RunSpecifiedBenchmarks();
	return 0;
}
