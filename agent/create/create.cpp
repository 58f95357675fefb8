// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create.hpp"

#include "agent/create/create_scan.hpp"
#include "agent/create/create_source.hpp"
#include "agent/create/image_compressor.hpp"
#include "agent/create/piece_size.hpp"
#include "agent/create/torrent_writer.hpp"
#include "base/atomic_file.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <thread>

namespace rawswarm
{

namespace
{

// One core hashes 0.5 to 1.8 GiB per second: more threads than this only take memory. Initial value, not
// measured.
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
	if (options.compress
		&& (*options.compress < lowest_compression_level || *options.compress > highest_compression_level))
	{
		return fail(fault::usage, "compression level {}: not between {} and {}", *options.compress,
			lowest_compression_level, highest_compression_level);
	}
	return success();
}

int hashing_threads(int asked_for)
{
	if (asked_for > 0)
	{
		return asked_for;
	}
	return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, automatic_threads_limit);
}

// Bytes of the source that may be in the torrent, as far as that is known before it is read: the file system
// knows the holes of a sparse file.
result<std::uint64_t> likely_data(create_source& source, bool const skip_zeros)
{
	return skip_zeros ? source.data.bytes() : source.bytes;
}

// Chosen by the data. Whether there are too many pieces is known now only if all of the source is in the
// torrent; else the scan finds out.
result<int> piece_size_for(create_options const& options, create_source& source)
{
	BOOST_OUTCOME_TRY(data, likely_data(source, options.skip_zeros));
	std::int64_t const size = options.piece_size != 0 ? options.piece_size : automatic_piece_size(data);
	if (!options.skip_zeros && !has_few_pieces(data, size))
	{
		return too_many_pieces(options.source, size, data, data);
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
		hints.sector_size = source.sector_size;
	}
	return hints;
}

// Null if none is asked for.
result<std::unique_ptr<image_compressor>> compressor_for(create_options const& options)
{
	if (!options.compress)
	{
		return std::unique_ptr<image_compressor>();
	}
	return image_compressor::create(compressed_image_path(options.output), *options.compress);
}

} // namespace

result<create_summary> create(create_options const& options)
{
	BOOST_OUTCOME_TRYV(check_options(options));
	BOOST_OUTCOME_TRY(name, torrent_name(options));
	BOOST_OUTCOME_TRYV(check_output(options));
	BOOST_OUTCOME_TRY(source, open_create_source(options));
	BOOST_OUTCOME_TRY(piece_size, piece_size_for(options, source));

	scan_settings settings;
	settings.piece_size = piece_size;
	settings.threads = hashing_threads(options.threads);
	settings.progress = options.progress;
	BOOST_OUTCOME_TRY(compressor, compressor_for(options));
	settings.sink = compressor.get();
	BOOST_OUTCOME_TRY(scanned, scan(source, options.skip_zeros, settings));

	auto const torrent = encode_torrent({name, scanned.extents, scanned.hashes, piece_size,
		hints_for(source, scanned.bytes), options.trackers});
	create_summary summary;
	if (compressor)
	{
		BOOST_OUTCOME_TRY(size, compressor->finish());
		summary.compressed_image = compressed_image_path(options.output);
		summary.compressed_bytes = static_cast<std::int64_t>(size);
	}
	BOOST_OUTCOME_TRYV(write_atomically(options.output, torrent.bytes));
	summary.info_hash = to_hex(torrent.info_hash.to_string());
	summary.source_size = static_cast<std::int64_t>(source.size);
	summary.extents = static_cast<std::int64_t>(scanned.extents.size());
	summary.bytes = static_cast<std::int64_t>(scanned.bytes);
	summary.piece_size = piece_size;
	summary.pieces = static_cast<std::int64_t>(scanned.hashes.size());
	return summary;
}

} // namespace rawswarm
