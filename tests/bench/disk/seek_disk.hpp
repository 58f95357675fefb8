// SPDX-License-Identifier: BSD-3-Clause
// A rotational disk: a FUSE file system with one file in memory, whose requests take as long as on such a
// disk. A request that does not begin where the last one ended costs a seek first; its bytes cost transfer
// time. Requests are served one after the other.
//
// A child process serves it. Needs root and /dev/fuse. Errors are thrown.
#pragma once

#include "tests/support/device/fuse_disk.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace rawswarm::bench
{

struct seek_disk_options
{
	std::uint64_t size = 0; // bytes
	std::chrono::microseconds seek{
		12'000}; // a desktop disk's: 8 ms for the head, half a turn at 7,200 per minute
	double bytes_per_second = 150e6;
};

struct seek_disk_counts
{
	std::int64_t requests = 0;
	std::int64_t reads = 0; // of those
	std::int64_t seeks = 0;
	std::int64_t bytes = 0;
	double busy_seconds = 0; // seeking and moving bytes
};

class seek_disk
{
public:
	explicit seek_disk(seek_disk_options const& options);
	~seek_disk(); // unmounts and ends the child; the file may not be open any more
	seek_disk(seek_disk const&) = delete;
	seek_disk& operator=(seek_disk const&) = delete;

	std::string file() const;

	// Since the disk was made.
	seek_disk_counts counts() const;

	// Whether requests take time. Off while the disk is prepared and compared.
	void set_slow(bool slow);

	struct shared_state; // with the child

private:
	class timing;

	shared_state* m_shared = nullptr;
	std::unique_ptr<timing> m_timing;
	std::unique_ptr<test::fuse_disk> m_disk;
};

} // namespace rawswarm::bench
