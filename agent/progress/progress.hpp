// SPDX-License-Identifier: BSD-3-Clause
// The state of a job as one plain value. Every display (console, beacons, report) reads this and nothing
// else.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm
{

enum class job_state
{
	starting,
	planning,
	partitioning,
	checking,
	downloading,
	flushing,
	verifying,
	seeding,
	finishing,
	done,
	failed,
};

char const* to_string(job_state s) noexcept;
std::optional<job_state> job_state_from(std::string_view name) noexcept;

// True for done and failed, after which nothing follows in this run.
bool is_final(job_state s) noexcept;

// How long a target was in a state that it left, or has been in its current one.
struct phase_time
{
	job_state state = job_state::starting;
	std::chrono::milliseconds elapsed{0};
};

// How long a part of the work took: "gaps", "flush", "sync".
struct step_time
{
	std::string name;
	std::chrono::milliseconds elapsed{0};
};

// Sizes in bytes, rates in bytes per second.
struct target_progress
{
	std::string device;
	std::string info_hash; // 40 hex digits
	job_state state = job_state::starting;
	std::int64_t total = 0; // all extents together
	std::int64_t done = 0; // passed the piece hash; while verifying: read back so far
	std::int64_t written = 0; // accepted by the device without error
	std::int64_t synced = 0; // on the medium, after a sync without error
	std::int64_t fetched = 0; // arrived from peers, right or wrong
	std::int64_t uploaded = 0; // sent to peers, added up once a second
	std::int64_t wire_fetched = 0; // what came for that over the network: less where blocks came compressed
	std::int64_t wire_uploaded = 0;
	double ratio = 1; // bytes of the image by bytes on the wire, both ways together
	std::int64_t down = 0; // of a command that is no job: read
	std::int64_t up = 0;
	std::int64_t to_disk = 0; // accepted by the device, per second
	int peers = 0;
	std::optional<std::int64_t> eta_s; // empty: not known
	std::string note; // what it waits for, if that is not what its state says; empty: nothing
	std::string error; // empty: none
	std::vector<std::string> notes; // what a person should know although it is no error
	std::vector<phase_time> phases; // in their order
	std::vector<step_time> steps; // of which a phase consists, or which go on beside it
};

// The outcome of the partition table that the job has for a disk.
struct table_progress
{
	std::string disk;
	bool was_there = false; // the table that the job asks for was there already
	bool changed = false; // the disk is no longer what it was
};

// A small image that the job writes as it is, once the images of the targets are on their devices.
struct volume_progress
{
	std::string device;
	std::string source; // where it comes from
	std::string sha256; // 64 hex digits
	std::uint64_t bytes = 0;
	bool written = false; // and on the medium, which returns the same bytes
};

// How often a piece's blocks were written, by the reason.
struct flush_counts
{
	std::int64_t full_run = 0;
	std::int64_t piece_complete = 0;
	std::int64_t age = 0;
	std::int64_t memory = 0;
	std::int64_t stop = 0;
};

// Calls of the kernel by all devices of the job, those that were repeated or failed among them.
struct call_counts
{
	std::int64_t preadv = 0;
	std::int64_t pwritev = 0;
	std::int64_t fsync = 0;
	std::int64_t syncfs = 0;
	std::int64_t fallocate = 0;
	std::int64_t blkzeroout = 0;
	std::int64_t fadvise = 0;
};

struct storage_progress
{
	double pool = 0; // share of the buffer pool in use, 0 to 1
	double cache_hit = 0; // share of block reads answered from memory, 0 to 1
	double blocks_per_write = 0; // mean number of 16 KiB blocks per write call

	// Shares of the buffer pool, 0 to 1. Blocks handed out are with libtorrent, most of them clean as well.
	double dirty = 0;
	double writing = 0;
	double clean = 0;
	double handed_out = 0;

	// Time from a block's arrival until it was written: the median and the 99th percentile. Milliseconds.
	double p50_ms = 0;
	double p99_ms = 0;

	// Backpressure: how often a peer began to wait for a target, and for how long one waited at least, as the
	// device is slower than the network.
	std::int64_t peers_stopped = 0;
	std::int64_t stopped_ms = 0; // excluding a stop that has not ended yet

	// Blocks of 16 KiB, and calls.
	std::int64_t blocks_written = 0;
	std::int64_t write_calls = 0; // sequential_writes + random_writes
	std::int64_t sequential_writes = 0; // that began where the one before on the same target ended
	std::int64_t random_writes = 0;
	std::int64_t written_through = 0; // at once, since no memory was free
	std::int64_t blocks_read = 0; // for peers
	std::int64_t read_calls = 0;
	std::int64_t read_ahead = 0; // read before anyone asked
	std::int64_t hashed = 0;
	std::int64_t packed = 0; // compressed for peers, or tried to
	std::int64_t unpacked = 0; // that came compressed
	std::int64_t sealed = 0; // checked by their seals before they were first sent
	std::int64_t stored_frames = 0; // sent compressed, as a compressed image holds them
	std::int64_t read_back = 0; // from the device to be hashed, since they had been evicted from memory

	flush_counts flushes = {};
	call_counts calls = {};

	std::int64_t pool_blocks = 0; // the budget, blocks of 16 KiB
	std::int64_t packing_ms = 0; // of all workers together
	std::int64_t unpacking_ms = 0;
};

// To three decimals, which are enough for a ratio; a double prints up to 17. JSON has no NaN and no infinity:
// what would become one of them is 0.
double rounded(double value) noexcept;

struct progress_error
{
	int code = 0; // the exit code
	std::string text;
};

// What a download waited for, of what can be told apart.
enum class job_limit
{
	unclear,
	job, // a limit that the job sets
	disk,
	processor,
	network,
	peers
};

char const* to_string(job_limit l) noexcept;

struct limit_verdict
{
	job_limit by = job_limit::unclear;
	std::string text; // one sentence, with the figures that it was decided by
};

struct progress
{
	job_state state = job_state::starting;
	std::string action; // shown in place of the state, by a command that is no job; empty: none
	std::vector<target_progress> targets;
	std::vector<table_progress> tables;
	std::vector<volume_progress> volumes;
	storage_progress storage;
	std::optional<progress_error> error; // the first one
	std::chrono::milliseconds uptime{0};
	std::vector<phase_time> phases; // of the job apart from its targets, in their order
	std::optional<limit_verdict> limit; // once something was downloaded, and all of it is there
};

// All targets together, for displays that have one line per machine.
struct progress_totals
{
	std::int64_t total = 0;
	std::int64_t done = 0;
	std::int64_t written = 0;
	std::int64_t synced = 0;
	std::int64_t down = 0;
	std::int64_t up = 0;
	std::int64_t to_disk = 0;
	std::int64_t peers = 0;
	std::optional<std::int64_t> eta_s; // of the target that takes longest; empty: not known
};

progress_totals total_of(std::vector<target_progress> const& targets) noexcept;

// 0 to 100: the share of bytes written while flushing, else of bytes done. Empty while the size is not known.
std::optional<double> percent_of(job_state s, progress_totals const& t) noexcept;

} // namespace rawswarm
