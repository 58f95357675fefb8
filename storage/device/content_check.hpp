// SPDX-License-Identifier: BSD-3-Clause
// Hashes the content of a device against its torrent: before a download (which pieces are there already),
// after one (whether the device returns what was written), or at any later time.
//
// Reads past the caches of this machine (block_device::read_medium), each piece once, in the order of the
// torrent, and hashes on all processors at once. Blocking. Memory: one buffer of at most
// content_check_settings::buffer bytes per thread (1 MiB if that is less and there are ranges of zeros),
// however large the device is. Sizes in bytes.
#pragma once

#include "base/result.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/device_profile.hpp"
#include "storage/device/extent_map.hpp"

#include <libtorrent/fwd.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/units.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

namespace rawswarm
{

struct content_check_settings
{
	int threads = 1; // each reads and hashes
	int readers = 1; // that may read at once
	std::size_t buffer = 0; // of one read; whole pages

	// For a device of this kind: a rotational disk is read by one thread at a time, a whole piece in one go;
	// others by several, so that the device never waits for a hash. memory: the limit of all buffers
	// together.
	static content_check_settings of(device_profile const& profile, int piece_size, std::size_t memory);
};

struct content_check
{
	// Called once per piece with its hash, from any thread. Required.
	std::function<void(lt::piece_index_t piece, lt::sha1_hash const& hash)> on_piece;

	// Ranges that must be zeros, read after the pieces. on_not_zero gets the first non-zero byte of each step
	// of 1 MiB that has one.
	std::span<byte_range const> zeros = {};
	std::function<void(device_offset)> on_not_zero = {};

	// A piece that cannot be read. Without it, or once it returns false, the first read that fails ends the
	// check with its error.
	std::function<bool(lt::piece_index_t piece, error const&)> on_unreadable = {};

	// Bytes read so far, for displays. May be null.
	std::atomic<std::int64_t>* read = nullptr;
};

// Ends early when asked to stop: then on_piece was not called for every piece. A read that fails ends it,
// with that error, unless on_unreadable takes it.
result<void> check_content(block_device& device, lt::torrent_info const& torrent, extent_map const& extents,
	content_check_settings const& settings, content_check const& check, std::stop_token const& stop = {});

} // namespace rawswarm
