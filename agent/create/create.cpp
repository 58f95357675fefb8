// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create.hpp"

#include "agent/create/create_map.hpp"
#include "agent/create/create_scan.hpp"
#include "agent/create/create_source.hpp"
#include "agent/create/create_stream.hpp"
#include "agent/create/image_compressor.hpp"
#include "agent/create/piece_size.hpp"
#include "agent/create/source_watch.hpp"
#include "agent/create/stream_scan.hpp"
#include "agent/create/torrent_writer.hpp"
#include "agent/source_map/smallest_disk.hpp"
#include "base/atomic_file.hpp"
#include "base/format_size.hpp"
#include "base/text.hpp"
#include "storage/device/content_check.hpp"
#include "storage/device/device_probe.hpp"
#include "storage/device/gpt_place.hpp"
#include "storage/device/sys_block.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

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
	if (options.skip_zeros && options.map.from != map_source::none)
	{
		return fail(fault::usage, "zeros cannot be left out as well as what a map leaves out");
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

// Reads under way at once: as for a check of the same device, which is the same work. No more than the
// hashing threads that are asked for, as whoever has read a piece hashes it.
int readers_for(create_options const& options, int const piece_size)
{
	auto const profile = profile_for(kind_of(options.source));
	int const readers =
		content_check_settings::of(profile, piece_size, static_cast<std::size_t>(piece_size)).readers;
	return options.threads > 0 ? std::min(readers, options.threads) : readers;
}

// Bytes of the source that may be in the torrent, as far as that is known before it is read: the file system
// knows the holes of a sparse file.
result<std::uint64_t> likely_data(create_source& source, source_map const& map)
{
	if (source.is_folder)
	{
		return source.bytes;
	}
	std::uint64_t all = 0;
	std::uint64_t data = 0;
	for (auto const& area : map.areas)
	{
		(area.take == area_content::all ? all : data) += area.range.length;
	}
	if (data > 0)
	{
		BOOST_OUTCOME_TRY(without_holes, source.data.bytes());
		data = std::min(data, without_holes);
	}
	return all + data;
}

// Chosen by the data. Whether there are too many pieces is known now only if all of the source is in the
// torrent; else the scan finds out.
result<int> piece_size_for(create_options const& options, create_source& source, source_map const& map)
{
	BOOST_OUTCOME_TRY(data, likely_data(source, map));
	std::int64_t const size = options.piece_size != 0 ? options.piece_size : automatic_piece_size(data);
	if (zero_ranges_of(map.areas).empty() && !has_few_pieces(data, size))
	{
		return too_many_pieces(options.source, size, data, data);
	}
	return static_cast<int>(size);
}

result<scanned_source> scan(create_source& source, source_map const& map, scan_settings const& settings)
{
	if (source.is_folder)
	{
		return scan_extents(*source.device, std::move(source.folder_extents), settings);
	}
	if (map.areas.size() == 1 && map.areas.front() == source_area{{{0}, source.size}})
	{
		return scan_whole(*source.device, source.data, settings);
	}
	return scan_areas(*source.device, source.data, map.areas, settings);
}

torrent_hints hints_for(create_source const& source, source_map const& map, std::uint64_t bytes_in_extents)
{
	torrent_hints hints;
	if (!source.is_folder)
	{
		hints.source_size = source.size;
		if (bytes_in_extents < source.size)
		{
			hints.zero_ranges = zero_ranges_of(map.areas);
		}
		hints.sector_size = source.sector_size;
	}
	return hints;
}

// Of a disk with a partition table. An image of all its bytes has none that could be left out.
result<void> add_smallest_disk(
	torrent_hints& hints, create_options const& options, std::vector<source_extent> const& extents)
{
	if (!hints.source_size)
	{
		return success();
	}
	disk_to_shrink disk{options.source, *hints.source_size, hints.sector_size.value_or(sys_sector), {}};
	for (auto const& e : extents)
	{
		disk.taken.push_back({e.offset, e.length});
	}
	BOOST_OUTCOME_TRY(found, find_smallest_disk(disk));
	if (found)
	{
		hints.smallest = found->size;
		hints.ends = found->ends;
	}
	return success();
}

std::vector<create_summary::part> parts_taken(source_map& map, scanned_source const& scanned)
{
	std::vector<create_summary::part> parts;
	std::uint64_t in_ranges = 0;
	for (auto& part : map.parts)
	{
		std::uint64_t taken = 0;
		for (auto const& extent : scanned.extents)
		{
			auto const begin = std::max(extent.offset, part.range.offset);
			auto const end = std::min(extent.offset + extent.length, part.range.end());
			taken += begin < end ? end - begin : 0;
		}
		in_ranges += taken;
		parts.push_back({std::move(part), taken});
	}
	for (auto& part : parts)
	{
		if (part.of.range.length == 0)
		{
			part.taken = scanned.bytes - in_ranges;
		}
	}
	return parts;
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

scan_settings settings_for(
	create_options const& options, std::int64_t const piece_size, image_compressor* const sink)
{
	scan_settings settings;
	settings.piece_size = static_cast<int>(piece_size);
	settings.threads = hashing_threads(options.threads);
	settings.progress = options.progress;
	settings.sink = sink;
	settings.stop = options.stop;
	return settings;
}

// What came of the source.
struct scanned_image
{
	std::string name; // of the torrent
	std::uint64_t source_size = 0;
	scanned_source scanned;
	std::int64_t piece_size = 0;
	torrent_hints hints;
	std::vector<create_summary::part> parts;
	std::string changes;
};

// What a torrent says of the compressed image.
struct compressed_pieces
{
	std::vector<piece_seal> seals;
	std::vector<std::uint32_t> lengths;
};

created_torrent torrent_of(create_options const& options, scanned_image image, compressed_pieces frames)
{
	auto& scanned = image.scanned;
	auto torrent = encode_torrent({image.name, scanned.extents, scanned.hashes,
		static_cast<int>(image.piece_size), image.hints, options.trackers,
		{std::move(scanned.seals), std::move(frames.seals)}, std::move(frames.lengths)});
	create_summary summary;
	summary.parts = std::move(image.parts);
	summary.changes = std::move(image.changes);
	summary.info_hash = to_hex(torrent.info_hash.to_string());
	summary.source_size = static_cast<std::int64_t>(image.source_size);
	summary.extents = static_cast<std::int64_t>(scanned.extents.size());
	summary.bytes = static_cast<std::int64_t>(scanned.bytes);
	summary.piece_size = image.piece_size;
	summary.pieces = static_cast<std::int64_t>(scanned.hashes.size());
	return {std::move(summary), std::move(torrent.bytes)};
}

result<create_summary> write_outputs(
	create_options const& options, scanned_image image, image_compressor* const compressor)
{
	std::uint64_t compressed = 0;
	if (compressor != nullptr)
	{
		BOOST_OUTCOME_TRY(size, compressor->finish());
		compressed = size;
	}
	auto [summary, bytes] = torrent_of(options, std::move(image),
		compressor != nullptr ? compressed_pieces{compressor->take_seals(), compressor->take_lengths()}
							  : compressed_pieces());
	if (compressor != nullptr)
	{
		summary.compressed_image = compressed_image_path(options.output);
		summary.compressed_bytes = static_cast<std::int64_t>(compressed);
	}
	BOOST_OUTCOME_TRYV(write_atomically(options.output, bytes));
	return std::move(summary);
}

result<std::string> changes_of(create_options const& options, source_watch const& watch)
{
	BOOST_OUTCOME_TRY(changes, watch.changes());
	if (!changes.empty() && !options.allow_mounted)
	{
		return fail(fault::target, "reading {}: {} meanwhile", options.source, changes);
	}
	return changes;
}

void say(create_options const& options, std::string const& text)
{
	if (options.note)
	{
		options.note(text);
	}
}

void say_what_is_done(
	create_options const& options, packed_stream const& stream, std::int64_t const piece_size)
{
	if (options.map.from == map_source::file_systems)
	{
		say(options,
			fmt::format("{}: what is not zero is taken, as its file systems cannot be looked into on the way",
				stream.name()));
	}
	if (options.piece_size == 0 && !stream.declared_size())
	{
		say(options,
			fmt::format(
				"{}: pieces of {}, chosen before its size is known", stream.name(), format_size(piece_size)));
	}
}

result<create_summary> create_from(create_options const& options, packed_stream& stream)
{
	BOOST_OUTCOME_TRY(name, stream_torrent_name(options));
	std::optional<source_watch> watch;
	if (options.source != standard_input)
	{
		BOOST_OUTCOME_TRY(begun, source_watch::begin(options.source));
		watch = std::move(begun);
	}
	auto const piece_size = stream_piece_size(options, stream);
	say_what_is_done(options, stream, piece_size);
	BOOST_OUTCOME_TRY(head, stream.head(gpt_reach));
	auto const sector_size = sector_of_table(head, {});
	BOOST_OUTCOME_TRY(compressor, compressor_for(options));
	BOOST_OUTCOME_TRY(scanned,
		scan_stream(stream, skips_zeros(options), settings_for(options, piece_size, compressor.get())));
	BOOST_OUTCOME_TRYV(check_stream_tail(options, stream, scanned.tail));

	scanned_image image{std::move(name), scanned.size, std::move(scanned.source), piece_size, {}, {}, {}};
	image.hints.source_size = scanned.size;
	image.hints.sector_size = sector_size;
	if (image.scanned.bytes < scanned.size)
	{
		image.hints.zero_ranges = {{{0}, scanned.size}};
	}
	if (watch)
	{
		BOOST_OUTCOME_TRY(changes, changes_of(options, *watch));
		image.changes = std::move(changes);
	}
	return write_outputs(options, std::move(image), compressor.get());
}

// compressor: made once the source is known to be good.
result<scanned_image> scan_image(create_options const& options, std::unique_ptr<image_compressor>& compressor)
{
	BOOST_OUTCOME_TRY(name, torrent_name(options));
	BOOST_OUTCOME_TRY(source, open_create_source(options));
	BOOST_OUTCOME_TRY(watch, source_watch::begin(options.source));
	source_map map;
	if (!source.is_folder)
	{
		BOOST_OUTCOME_TRY(found, find_source_map(options, source));
		map = std::move(found);
	}
	BOOST_OUTCOME_TRY(piece_size, piece_size_for(options, source, map));

	BOOST_OUTCOME_TRY(made, compressor_for(options));
	compressor = std::move(made);
	auto settings = settings_for(options, piece_size, compressor.get());
	settings.readers = readers_for(options, piece_size);
	settings.past_cache = !source.is_file && !source.is_folder; // a file may well be in the cache already
	BOOST_OUTCOME_TRY(scanned, scan(source, map, settings));
	BOOST_OUTCOME_TRY(changes, changes_of(options, watch));

	auto hints = hints_for(source, map, scanned.bytes);
	BOOST_OUTCOME_TRYV(add_smallest_disk(hints, options, scanned.extents));
	auto parts = parts_taken(map, scanned);
	return scanned_image{std::move(name), source.size, std::move(scanned), piece_size, std::move(hints),
		std::move(parts), std::move(changes)};
}

} // namespace

result<create_summary> create(create_options const& options)
{
	BOOST_OUTCOME_TRYV(check_options(options));
	BOOST_OUTCOME_TRYV(check_output(options));
	BOOST_OUTCOME_TRY(stream, open_stream(options));
	if (stream)
	{
		return create_from(options, *stream);
	}
	std::unique_ptr<image_compressor> compressor;
	BOOST_OUTCOME_TRY(image, scan_image(options, compressor));
	return write_outputs(options, std::move(image), compressor.get());
}

result<created_torrent> create_in_memory(create_options const& options)
{
	BOOST_OUTCOME_TRYV(check_options(options));
	std::unique_ptr<image_compressor> none;
	BOOST_OUTCOME_TRY(image, scan_image(options, none));
	return torrent_of(options, std::move(image), {});
}

} // namespace rawswarm
