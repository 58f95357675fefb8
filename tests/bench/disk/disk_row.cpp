// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/disk_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace rawswarm::bench
{

row median(std::vector<row> runs)
{
	auto const failed = std::ranges::find_if(runs, [](row const& r) { return !r.run.ok; });
	if (failed != runs.end())
	{
		return *failed;
	}
	std::ranges::sort(runs, {}, &row::rate);
	return runs[runs.size() / 2];
}

void print_head()
{
	fmt::print(
		"{:8} {:>5} {:10} {:>7} {:>8} {:>9} {:>6} {:>6} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8} "
		"{:>6} {:>8} "
		"{:>6} {:>7}\n",
		"device", "peers", "backend", "writers", "MiB/s", "CPU s/GiB", "user", "system", "writes", "blocks/w",
		"peak MiB", "dirty MiB", "p50 ms", "p99 ms", "dev wr", "requests", "reads", "seeks", "busy %",
		"stop ms");
}

void print(row const& r)
{
	fmt::print("{:8} {:>5} {:10} {:>7} {:>8.1f} {:>9.2f} {:>6.2f} {:>6.2f} {:>8} {:>8.1f} {:>9.1f} {:>9.1f} "
			   "{:>9.2f} "
			   "{:>9.2f} {:>8} {:>8} {:>6} {:>8} {:>6.0f} {:>7}{}\n",
		r.device, r.peers, to_string(r.which), r.writers, r.rate(), r.cpu(), r.a_gibibyte(r.run.user_seconds),
		r.a_gibibyte(r.run.system_seconds), r.run.write_calls, r.blocks_per_write(),
		double(r.run.peak_memory) / mebibyte, double(r.run.peak_dirty) / mebibyte,
		double(r.run.p50_us) / 1000, double(r.run.p99_us) / 1000, r.seen.writes, r.seen.requests,
		r.seen.reads, r.seen.seeks, r.run.seconds > 0 ? 100 * r.seen.busy_seconds / r.run.seconds : 0,
		r.run.stopped_ms, r.run.ok ? "" : "  FAILED");
	std::fflush(stdout);
}

} // namespace rawswarm::bench
