// SPDX-License-Identifier: BSD-3-Clause
// What was measured, on standard output: medians of each figure, processor time and calls for each GiB.
#pragma once

#include "tests/bench/transfer/call_counts.hpp"
#include "tests/bench/transfer/floor.hpp"
#include "tests/bench/transfer/transfer_run.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm::bench
{

// All runs of one program.
struct transfer_row
{
	std::string program;
	std::vector<transfer> runs; // empty: there was none
	transfer_calls calls; // empty: not counted
};

// bytes: of the image, without what is left out of it.
void print_rates(std::vector<transfer_row> const& rows, std::int64_t bytes);
void print_threads(std::vector<transfer_row> const& rows, std::int64_t bytes);
void print_calls(std::vector<transfer_row> const& rows, std::int64_t bytes);

// bytes: what each step moved.
void print_floor(std::vector<floor_step> const& steps, std::uint64_t bytes);

} // namespace rawswarm::bench
