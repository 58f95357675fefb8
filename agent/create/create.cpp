// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create.hpp"

#include "agent/create/create_scan.hpp"
#include "agent/create/create_source.hpp"
#include "agent/create/torrent_writer.hpp"
#include "base/atomic_file.hpp"

#include <libtorrent/hex.hpp>

#include <algorithm>
#include <bit>
#include <thread>

namespace rawswarm
{

namespace
{

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

// Small enough for whole-piece trading to start at once, large enough to keep the hashes few. From the
// design: 1 to 4 MiB for real images. Larger pieces turn libtorrent's whole-piece picking off and keep a
// peer useless to others for longer.
constexpr std::int64_t smallest_automatic_piece = mib;
constexpr std::int64_t largest_automatic_piece = 4 * mib;
constexpr std::uint64_t automatic_pieces = 32'768; // above it the piece size doubles. A seed design

// A source so small has too few pieces of 1 MiB to be traded between peers. A seed design.
constexpr std::uint64_t small_source = 64 * mib;
constexpr std::int64_t small_source_piece = 256 * kib;

constexpr std::int64_t smallest_piece = block_size;
constexpr std::int64_t largest_piece = 16 * mib;

// libtorrent's default limit on loading (load_torrent_limits::max_pieces).
constexpr std::uint64_t max_pieces = 0x200000;

// One core hashes 0.5 to 1.8 GiB/s: more threads than this only take memory. A seed design.
constexpr int automatic_threads_limit = 8;
constexpr int threads_limit = 256;

result<void> check_options(create_options const& options)
{
	std::int64_t const piece = options.piece_size;
	if (piece != 0
		&& (piece < smallest_piece || piece > largest_piece
			|| !std::has_single_bit(static_cast<std::uint64_t>(piece))))
	{
		return fail(fault::usage, "piece size {}: not a power of two between 16 KiB and 16 MiB", piece);
	}
	if (options.threads < 0 || options.threads > threads_limit)
	{
		return fail(fault::usage, "hashing threads {}: not between 0 and {}", options.threads, threads_limit);
	}
	return boost::outcome_v2::success();
}

int hashing_threads(int asked_for)
{
	if (asked_for > 0)
	{
		return asked_for;
	}
	return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, automatic_threads_limit);
}

result<int> piece_size_for(create_options const& options, std::uint64_t bytes)
{
	std::int64_t const size = options.piece_size != 0 ? options.piece_size : automatic_piece_size(bytes);
	if (bytes / static_cast<std::uint64_t>(size) >= max_pieces)
	{
		return fail(fault::usage, "piece size {}: {} has {} bytes, which would be more than {} pieces", size,
			options.source, bytes, max_pieces);
	}
	return static_cast<int>(size);
}

result<scanned_source> scan(create_source& source, bool skip_zeros, scan_settings const& settings)
{
	if (source.is_folder)
	{
		return scan_extents(*source.device, std::move(source.folder_extents), settings);
	}
	if (skip_zeros)
	{
		return scan_without_zeros(*source.device, source.data, settings);
	}
	return scan_whole(*source.device, source.data, settings);
}

torrent_hints hints_for(create_source const& source, std::uint64_t bytes_in_extents)
{
	torrent_hints hints;
	if (!source.is_folder)
	{
		hints.source_size = source.size;
		hints.zero_gaps = bytes_in_extents < source.size;
	}
	return hints;
}

} // namespace

std::int64_t automatic_piece_size(std::uint64_t bytes)
{
	if (bytes < small_source)
	{
		return small_source_piece;
	}
	std::int64_t size = smallest_automatic_piece;
	while (size < largest_automatic_piece && bytes > automatic_pieces * static_cast<std::uint64_t>(size))
	{
		size *= 2;
	}
	return size;
}

result<create_summary> create(create_options const& options)
{
	BOOST_OUTCOME_TRYV(check_options(options));
	BOOST_OUTCOME_TRY(name, torrent_name(options));
	BOOST_OUTCOME_TRYV(check_output(options));
	BOOST_OUTCOME_TRY(source, open_create_source(options));
	BOOST_OUTCOME_TRY(piece_size, piece_size_for(options, source.bytes));

	scan_settings settings;
	settings.piece_size = piece_size;
	settings.threads = hashing_threads(options.threads);
	settings.progress = options.progress;
	BOOST_OUTCOME_TRY(scanned, scan(source, options.skip_zeros, settings));

	auto const torrent = encode_torrent({name, scanned.extents, scanned.hashes, piece_size,
		hints_for(source, scanned.bytes), options.trackers});
	BOOST_OUTCOME_TRYV(write_atomically(options.output, torrent.bytes));

	create_summary summary;
	summary.info_hash = lt::aux::to_hex(torrent.info_hash);
	summary.source_size = static_cast<std::int64_t>(source.size);
	summary.extents = static_cast<std::int64_t>(scanned.extents.size());
	summary.bytes = static_cast<std::int64_t>(scanned.bytes);
	summary.piece_size = piece_size;
	summary.pieces = static_cast<std::int64_t>(scanned.hashes.size());
	return summary;
}

} // namespace rawswarm
