// SPDX-License-Identifier: BSD-3-Clause
// How often devices called the kernel, by the call's kind. Any thread adds, any thread reads.
//
// Each call counts, those that were interrupted, moved less than they were asked for or failed among them:
// what strace(1) sees of the device's descriptors. Left out are questions (sizes, sectors), and what opens
// or lengthens a file, as they move nothing.
#pragma once

#include <atomic>
#include <cstdint>

namespace rawswarm
{

struct device_calls
{
	using counter = std::atomic<std::int64_t>;

	counter preadv{0};
	counter pwritev{0};
	counter fsync{0};
	counter syncfs{0};
	counter fallocate{0}; // holes and zeros in image files
	counter blkzeroout{0}; // zeros on block devices
	counter fadvise{0}; // pages dropped from the cache

	static void count(counter& c) { c.fetch_add(1, std::memory_order_relaxed); }
};

} // namespace rawswarm
