// SPDX-License-Identifier: BSD-3-Clause
// One row of the table: a backend, a device, a number of peers. Runs in a process of its own, so that
// processor time and memory are the backend's.
#pragma once

#include "storage/device/device_profile.hpp"
#include "tests/bench/disk/block_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rawswarm::bench
{

enum class backend
{
	rawswarm,
	one_write, // rawswarm's, with one write a block
	mmap, // libtorrent's
	posix // libtorrent's
};

inline constexpr std::size_t num_backends = 4;
char const* to_string(backend b);
bool is_ours(backend b); // rawswarm's, in either way

struct run_options
{
	backend which = backend::rawswarm;
	stream_options stream;
	std::size_t memory = 0; // bytes; rawswarm's budget
	int in_flight = 0; // blocks that rawswarm keeps room for, as peers that are to wait still bring them
	int hash_threads = 2; // of every backend
	device_profile profile; // rawswarm's
	std::string device; // the device or image file that rawswarm writes to
	std::string folder; // folder in which the others have the torrent's folder "disk", with the file in place
	std::function<void()> on_measured; // called in the process of the run, before the content is compared
};

// Trivially copyable, to be sent through a pipe.
struct run_result
{
	bool ok = false;
	std::int64_t bytes = 0;
	double seconds = 0; // from the first block to the end of the sync
	double user_seconds = 0; // CPU time
	double system_seconds = 0;
	std::int64_t write_calls = 0;
	std::int64_t blocks_written = 0;
	std::int64_t peak_memory = 0; // bytes, resident
	std::int64_t peak_dirty = 0; // bytes in the machine's page cache that were still to be written
	std::int64_t p50_us = 0;
	std::int64_t p99_us = 0;
	std::int64_t stopped_ms = 0;
	std::int64_t read_backs = 0;
	std::int64_t beyond_budget = 0; // blocks
	int most_late = 0; // as in stream_result
};

// Prints errors, and compares the content of the device with the pieces that were sent.
run_result run_backend(run_options const& options, std::shared_ptr<lt::torrent_info const> const& info);

} // namespace rawswarm::bench
