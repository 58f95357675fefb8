// SPDX-License-Identifier: BSD-3-Clause
// A room of four that images again and again, while something goes wrong each time: a seeder that lives all
// along, and three machines. After each image every disk is compared with it byte for byte, unless its
// machine has said that it failed, which it may only where its disk was made to fail; at the end the seeder
// must have no more descriptors and no more memory than after its first images.
//
// What goes wrong, where and when follows from the seed. Needs root, and namespaces of its own
// (run_isolated()), and FUSE for a slow disk. Errors of the test itself are thrown.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

namespace rawswarm::test
{

inline constexpr std::size_t soak_kinds = 7; // of what goes wrong, nothing among them

struct soak_options
{
	std::chrono::seconds duration{}; // the image under way then is the last
	unsigned seed = 0;
	bool seeder_may_grow = false; // as one with a sanitizer does
	std::FILE* out = nullptr; // gets a line per image; null: nobody
};

struct soak_result
{
	int images = 0;
	std::map<std::string, int> faults; // how many of each kind
	int right = 0; // disks
	int failed = 0; // disks whose machine said so
	std::string complaint; // what is not as it has to be, with what the machine printed; empty: nothing
};

// Ends early with the first complaint.
soak_result run_soak(soak_options const& options);

} // namespace rawswarm::test
