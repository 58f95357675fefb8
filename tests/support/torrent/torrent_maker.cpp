// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/torrent/torrent_maker.hpp"

#include "storage/device/units.hpp"
#include "tests/support/base/random_bytes.hpp"
#include "tests/support/base/temp_dir.hpp"

#include <fmt/format.h>
#include <libtorrent/bencode.hpp>
#include <libtorrent/create_torrent.hpp>
#include <libtorrent/entry.hpp>
#include <libtorrent/file_storage.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/hex.hpp>
#include <libtorrent/load_torrent.hpp>
#include <libtorrent/sha1_hash.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <random>

namespace rawswarm::test
{

namespace
{

std::string name_of(torrent_file const& file)
{
	return file.name.empty() ? offset_name(file.offset) : file.name;
}

// Adds a pad file after each file that does not end with a piece, except the last.
std::vector<torrent_file> with_pad_files(std::vector<torrent_file> const& files, std::uint64_t piece_size)
{
	std::vector<torrent_file> result;
	for (auto const& file : files)
	{
		result.push_back(file);
		auto const rest = file.bytes.size() % piece_size;
		if (rest != 0 && &file != &files.back())
		{
			torrent_file pad;
			pad.bytes.assign(piece_size - rest, '\0');
			pad.name = fmt::format(".pad/{}", pad.bytes.size());
			pad.pad = true;
			result.push_back(std::move(pad));
		}
	}
	return result;
}

lt::file_storage storage_of(std::vector<torrent_file> const& files, std::string const& folder)
{
	lt::file_storage storage;
	for (auto const& file : files)
	{
		lt::file_flags_t const flags = file.pad ? lt::file_storage::flag_pad_file : lt::file_flags_t{};
		storage.add_file(folder + "/" + name_of(file), static_cast<std::int64_t>(file.bytes.size()), flags);
	}
	return storage;
}

std::vector<lt::sha1_hash> hashes_of(std::vector<torrent_file> const& files, std::size_t const piece_size)
{
	std::vector<lt::sha1_hash> hashes;
	lt::hasher hasher;
	std::size_t filled = 0;
	for (auto const& file : files)
	{
		for (std::string_view rest = file.bytes; !rest.empty();)
		{
			auto const part = rest.substr(0, piece_size - filled);
			hasher.update(part);
			filled += part.size();
			rest.remove_prefix(part.size());
			if (filled == piece_size)
			{
				hashes.push_back(hasher.final());
				hasher.reset();
				filled = 0;
			}
		}
	}
	if (filled > 0)
	{
		hashes.push_back(hasher.final());
	}
	return hashes;
}

// libtorrent builds the Merkle trees of v2 only from files on disk.
void hash_in_files(lt::create_torrent& torrent, made_torrent const& made)
{
	temp_dir const folder;
	write_files(made, folder.path());
	lt::error_code ec;
	lt::set_piece_hashes(torrent, folder.path().string(), ec);
	if (ec)
	{
		throw lt::system_error(ec, "hashing the files of a torrent");
	}
}

lt::create_flags_t flags_of(torrent_kind kind)
{
	switch (kind)
	{
	case torrent_kind::v1: return lt::create_torrent::v1_only;
	case torrent_kind::v2: return lt::create_torrent::v2_only;
	case torrent_kind::hybrid: break;
	}
	return {};
}

std::string v1_hash_of(std::string const& bytes)
{
	auto const loaded = lt::load_torrent_buffer(bytes);
	return lt::aux::to_hex(loaded.ti->info_hashes().v1);
}

} // namespace

std::string offset_name(std::uint64_t offset)
{
	return fmt::format("0x{:08x}", offset);
}

made_torrent make_torrent(std::vector<torrent_file> files, torrent_options const& options)
{
	made_torrent made;
	made.name = options.name;
	made.files = std::move(files);
	if (options.shuffled)
	{
		std::shuffle(made.files.begin(), made.files.end(), std::mt19937_64(made.files.size()));
	}
	auto const piece_size = static_cast<std::uint64_t>(options.piece_size);
	auto const listed = options.pad_files ? with_pad_files(made.files, piece_size) : made.files;
	auto storage = storage_of(listed, made.name);
	// libtorrent loads v1 torrents with any piece size, but makes only those with pieces of whole blocks
	bool const has_odd_pieces = options.kind == torrent_kind::v1 && piece_size % block_size != 0;
	lt::create_torrent torrent(
		storage, has_odd_pieces ? block_size : options.piece_size, flags_of(options.kind));
	torrent.set_creation_date(0); // none, or the same options would make another torrent a second later
	for (auto const& url : options.trackers)
	{
		torrent.add_tracker(url);
	}
	torrent.set_priv(options.is_private);
	if (options.kind == torrent_kind::v1)
	{
		lt::piece_index_t piece{0};
		for (auto const& hash : hashes_of(listed, static_cast<std::size_t>(torrent.piece_length())))
		{
			torrent.set_hash(piece++, hash);
		}
	}
	else
	{
		hash_in_files(torrent, made);
	}
	auto encoded = torrent.generate();
	if (has_odd_pieces)
	{
		auto& info = encoded["info"];
		auto& pieces = info["pieces"].string();
		pieces.clear();
		for (auto const& hash : hashes_of(listed, static_cast<std::size_t>(piece_size)))
		{
			pieces += hash.to_string();
		}
		info["piece length"] = options.piece_size;
	}
	lt::bencode(std::back_inserter(made.bytes), encoded);
	made.info_hash = v1_hash_of(made.bytes);
	return made;
}

std::filesystem::path write_files(made_torrent const& torrent, std::filesystem::path const& folder)
{
	auto const inner = folder / torrent.name;
	for (auto const& file : torrent.files)
	{
		if (!file.pad)
		{
			write_file(inner / name_of(file), file.bytes);
		}
	}
	return inner;
}

std::uint64_t total_size(std::vector<torrent_file> const& files)
{
	std::uint64_t total = 0;
	for (auto const& file : files)
	{
		total += file.pad ? 0 : file.bytes.size();
	}
	return total;
}

std::uint64_t end_of(std::vector<torrent_file> const& files)
{
	std::uint64_t end = 0;
	for (auto const& file : files)
	{
		end = std::max(end, file.pad ? 0 : file.offset + file.bytes.size());
	}
	return end;
}

std::vector<torrent_file> scattered_extents(extent_layout const& layout)
{
	std::mt19937_64 generator(layout.seed);
	auto const between = [&](std::uint64_t low, std::uint64_t high) {
		return low + generator() % (high - low + 1);
	};
	std::vector<torrent_file> files(layout.count);
	std::uint64_t at = 0;
	for (auto& file : files)
	{
		file.offset = at + between(1, layout.largest_gap);
		auto const size = static_cast<std::size_t>(between(layout.smallest, layout.largest));
		file.bytes = random_bytes(generator(), size);
		at = file.offset + file.bytes.size();
	}
	return files;
}

} // namespace rawswarm::test
