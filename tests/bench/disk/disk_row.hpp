// SPDX-License-Identifier: BSD-3-Clause
// One row of the bench's table: what a run took, and what its device saw.
#pragma once

#include "tests/bench/disk/backend_run.hpp"
#include "tests/bench/disk/bench_device.hpp"

#include <string>
#include <vector>

namespace rawswarm::bench
{

inline constexpr double mebibyte = 1024.0 * 1024;

struct row
{
	std::string device;
	int peers = 0;
	backend which = backend::rawswarm;
	run_result run;
	device_counts seen;
	int writers = 0; // of rawswarm's

	double rate() const { return run.seconds > 0 ? double(run.bytes) / mebibyte / run.seconds : 0; }
	double a_gibibyte(double const s) const
	{
		return run.bytes > 0 ? s / (double(run.bytes) / mebibyte / 1024) : 0;
	}
	double cpu() const { return a_gibibyte(run.user_seconds + run.system_seconds); }
	double blocks_per_write() const
	{
		return run.write_calls > 0 ? double(run.blocks_written) / double(run.write_calls) : 0;
	}
};

// The median of several runs by rate, or one that failed.
row median(std::vector<row> runs);

void print_head();
void print(row const& r);

} // namespace rawswarm::bench
