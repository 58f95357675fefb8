// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/create_stream.hpp"

#include "agent/create/create_source.hpp"
#include "agent/create/image_compressor.hpp"
#include "agent/create/piece_size.hpp"
#include "agent/create/source_format.hpp"
#include "storage/device/units.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// How much smaller an image becomes by compressing it, roughly. Systems become 2.4 times smaller, and free
// space that was zeroed costs nothing. It decides about the size of pieces alone.
constexpr std::uint64_t usual_ratio = 3;

// With it a compressed image never has too many pieces.
constexpr std::int64_t piece_for_any_size = 1_MiB;
static_assert(largest_payload / static_cast<std::uint64_t>(piece_for_any_size) <= max_pieces);

result<void> check_options(create_options const& options)
{
	if (!options.compress)
	{
		return fail(fault::usage,
			"a torrent of standard input alone could not be served: give --compress, which keeps the image");
	}
	if (options.map.from == map_source::partclone || options.map.from == map_source::bmap)
	{
		return fail(fault::usage,
			"--map {}: a stream is read from front to back, with no map but what is not zero: unpack it "
			"first, or "
			"give --skip-zeros",
			options.map.file);
	}
	return success();
}

result<void> check_disk(
	packed_stream const& stream, bool const raw, std::string_view const head, std::string_view const tail)
{
	auto const found = raw ? std::nullopt : recognise_format(head, tail);
	if (found)
	{
		return fail(fault::target, "reading {}: {}it is {}, not the bytes of a disk: {}", stream.name(),
			stream.packed_by() == packing::none ? "" : "once unpacked ", found->name, found->remedy);
	}
	return success();
}

// Its frames hold what a torrent does, without what that leaves out. Written to a disk it would be a success
// that boots nothing.
result<void> check_not_made_here(packed_stream const& stream)
{
	if (stream.packed_by() == packing::zstd && stream.declared_size() == std::uint64_t(block_size))
	{
		return fail(fault::target,
			"reading {}: it is a compressed image of a torrent, which may lack parts of the disk: give what "
			"it was "
			"made of, or what \"zstd -d\" makes of it if the torrent left nothing out",
			stream.name());
	}
	return success();
}

} // namespace

result<std::unique_ptr<packed_stream>> open_stream(create_options const& options)
{
	bool const is_input = options.source == standard_input;
	bool const is_packed =
		options.compress && !options.raw && packed_stream::examine(options.source) != packing::none;
	if (!is_input && !is_packed)
	{
		return std::unique_ptr<packed_stream>();
	}
	BOOST_OUTCOME_TRYV(check_options(options));
	BOOST_OUTCOME_TRY(stream, packed_stream::open(options.source, options.raw));
	BOOST_OUTCOME_TRYV(check_not_made_here(*stream));
	BOOST_OUTCOME_TRY(head, stream->head(format_head_bytes));
	BOOST_OUTCOME_TRYV(check_disk(*stream, options.raw, head, {}));
	return std::move(stream);
}

result<std::string> stream_torrent_name(create_options const& options)
{
	auto named = options;
	if (named.name.empty() && options.source == standard_input)
	{
		named.name = fs::path(options.output).stem().string();
	}
	else if (named.name.empty())
	{
		constexpr std::array<std::string_view, 2> suffixes{".zst", ".gz"};
		auto const name = fs::path(options.source).filename();
		bool const is_packed = std::ranges::count(suffixes, name.extension().string()) > 0;
		named.name = is_packed ? name.stem().string() : name.string();
	}
	return torrent_name(named);
}

std::int64_t stream_piece_size(create_options const& options, packed_stream const& stream)
{
	if (options.piece_size != 0)
	{
		return options.piece_size;
	}
	auto const packed = stream.packed_size();
	auto const unpacked = packed * usual_ratio;
	auto const declared = stream.declared_size();
	// zstd makes nothing longer by more than a 256th and some headers: then it is a part of several
	bool const is_all = declared && packed > 0 && packed <= *declared + *declared / 128 + block_size;
	if (!is_all)
	{
		return std::max(piece_for_any_size, automatic_piece_size(unpacked));
	}
	return automatic_piece_size(skips_zeros(options) ? std::min(*declared, unpacked) : *declared);
}

bool skips_zeros(create_options const& options)
{
	return options.skip_zeros || options.map.from == map_source::file_systems;
}

result<void> check_stream_tail(
	create_options const& options, packed_stream const& stream, std::string_view const tail)
{
	return check_disk(stream, options.raw, {}, tail);
}

} // namespace rawswarm
