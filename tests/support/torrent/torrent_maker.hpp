// SPDX-License-Identifier: BSD-3-Clause
// Makes offset-named torrents from bytes in memory, good ones and ones that must be refused.
//
// Errors of libtorrent are thrown as lt::system_error. All bytes must fit into memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rawswarm::test
{

// One file of a torrent: `bytes` at `offset` of the device.
struct torrent_file
{
	std::uint64_t offset = 0;
	std::string bytes = {};
	std::string name = {}; // below the torrent's folder; empty: offset_name(offset)
	bool pad = false; // a BEP 47 pad file: bytes must be zeros, offset means nothing
};

enum class torrent_kind
{
	v1,
	hybrid,
	v2
};

struct torrent_options
{
	int piece_size = 1024 * 1024; // bytes; any number for v1, else a power of two
	bool shuffled = false; // the files are not in the device's order. v1 only
	bool pad_files = false; // each file starts with a new piece. v1 only (hybrid has them anyway)
	torrent_kind kind = torrent_kind::v1;
	std::string name = "disk"; // the torrent's name, and its folder's
	std::vector<std::string> trackers = {};
	bool is_private = false; // BEP 27
};

struct made_torrent
{
	std::string bytes; // the .torrent file
	std::string info_hash; // v1, 40 hex digits; zeros for v2
	std::string name;
	std::vector<torrent_file> files; // in the torrent's order, without its pad files
};

made_torrent make_torrent(std::vector<torrent_file> files, torrent_options const& options = {});

// "0x00012345": at least eight digits, as partclone's and Clonezilla's are.
std::string offset_name(std::uint64_t offset);

// Writes the files where a stock client looks for them: FOLDER/<torrent's name>/<file's name>. Returns
// FOLDER/<torrent's name>, which is a folder of offset-named files.
std::filesystem::path write_files(made_torrent const& torrent, std::filesystem::path const& folder);

// Bytes in all the files.
std::uint64_t total_size(std::vector<torrent_file> const& files);

// Extents of random content with gaps between them and before the first, sorted by offset. Sizes and gaps are
// uneven: most are not multiples of 16 KiB or of 512.
struct extent_layout
{
	std::size_t count = 100;
	std::uint64_t smallest = 1; // bytes
	std::uint64_t largest = 64 * 1024;
	std::uint64_t largest_gap = 4096; // the smallest is 1
	std::uint64_t seed = 1;
};

std::vector<torrent_file> scattered_extents(extent_layout const& layout);

// One past the last byte on the device.
std::uint64_t end_of(std::vector<torrent_file> const& files);

} // namespace rawswarm::test
