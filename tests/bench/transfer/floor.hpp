// SPDX-License-Identifier: BSD-3-Clause
// The floor under a transfer: what the same bytes cost if nothing is done but what has to be, each step alone
// and with nothing in its way. Errors are thrown.
//
//	seeder  read the image, sum its seals (XXH64), send it over a TCP connection on loopback
//	client  receive it, copy it once from the receive buffer into a pool, hash it (SHA-1), write it to the
//	        target and sync that
//
// A step's processor time is that of the thread that does it. So it lacks what a thread of the kernel does
// for a loop device, and what arrives on loopback is taken to the receiver's socket by the sender.
#pragma once

#include "tests/bench/transfer/process_watch.hpp"
#include "tests/bench/transfer/transfer_target.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rawswarm::bench
{

struct floor_step
{
	char const* side = "";
	char const* name = "";
	double seconds = 0;
	cpu_time cpu;
};

// image: a file of so many bytes, a multiple of a mebibyte. Fills the target.
std::vector<floor_step> measure_floor(
	std::string const& image, std::uint64_t bytes, transfer_target const& target);

} // namespace rawswarm::bench
