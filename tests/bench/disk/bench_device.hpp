// SPDX-License-Identifier: BSD-3-Clause
// The devices that the backends are run on, made for the bench and removed with it.
//
//	memory  a file on a tmpfs, its pages allocated
//	loop    a loop device over a file on a tmpfs: a request costs what the kernel's block layer costs
//	seek    a loop device over seek_disk
//	steady  the same of a disk that does not seek: 40 MB/s
//	path    one that is there: a disk, such as an NVMe disk of a virtual machine
//
// rawswarm writes to the device itself, past the page cache. libtorrent's backends want a file (they create
// and truncate): an ext4 without a journal on the very same device, the file preallocated.
#pragma once

#include "storage/device/device_profile.hpp"
#include "tests/bench/disk/backend_run.hpp"
#include "tests/bench/disk/seek_disk.hpp"
#include "tests/support/device/loop_device.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace rawswarm::bench
{

// The requests that the device itself saw in one run.
struct device_counts
{
	std::int64_t writes = 0; // requests of the block layer; 0 where there is none
	std::int64_t seeks = 0;
	std::int64_t requests = 0; // at the seek_disk
	std::int64_t reads = 0; // of those
	double busy_seconds = 0; // of the seek_disk
};

class bench_device
{
public:
	virtual ~bench_device() = default;

	virtual char const* name() const = 0;
	virtual device_profile profile() const = 0;

	// Before and after a run: prepares the device for this backend, and returns what the device saw.
	virtual void prepare(run_options& options) = 0;
	virtual device_counts finish() = 0;
};

// size: bytes of the image. Errors are thrown.
std::unique_ptr<bench_device> make_memory_device(std::uint64_t size);
std::unique_ptr<bench_device> make_loop_device(std::uint64_t size);
std::unique_ptr<bench_device> make_seek_device(std::uint64_t size);
std::unique_ptr<bench_device> make_steady_device(std::uint64_t size);

// A block device of the machine or an image file, with the profile of its kind. All on it is lost. For
// rawswarm's backends alone.
std::unique_ptr<bench_device> take_device(std::string const& path);

} // namespace rawswarm::bench
