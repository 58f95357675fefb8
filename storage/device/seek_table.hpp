// SPDX-License-Identifier: BSD-3-Clause
// The seek table of a compressed image: where each block's frame lies in the file.
//
// A compressed image is a file in zstd's seekable format, version 0.1.0 (zstd's
// contrib/seekable_format/zstd_seekable_compression_format.md): frames, one for each block of the torrent's
// payload in its order, and behind them a skippable frame with the table. The format allows frames of any
// length; here each holds block_size bytes, the last one the rest. `zstd -d` unpacks the file to the payload.
//
// Pure: no I/O. Lengths and offsets are bytes; numbers in the file are little-endian.
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rawswarm
{

// What stands at the end of the file.
inline constexpr std::size_t seek_table_footer_size = 9;

// The number of frames that the format allows: an image of 2 TiB.
inline constexpr std::uint64_t max_frames = 0x8000000;

// Whether a file begins as one of zstd's frames does.
bool begins_with_frame(std::span<char const> start);

// The length of the whole skippable frame that ends with this footer. Empty: no footer of a seek table.
std::optional<std::uint64_t> seek_table_length(std::span<char const> footer);

// The length of the skippable frame that seek_table::encode() gives for so many frames.
std::uint64_t seek_table_size(std::uint64_t frames);

// Where a frame lies in the file, and what it holds.
struct frame_place
{
	std::uint64_t offset = 0;
	std::uint32_t length = 0;
	std::uint32_t block_length = 0; // after it is unpacked
};

// Two bytes for each block, and a little more.
class seek_table
{
public:
	// A table for frames that are added one by one.
	seek_table() = default;

	// From the bytes of the skippable frame, in a file where so many bytes precede it. Refused
	// (fault::target, for the caller to add the file's name): a frame of another length than a block's,
	// frames that do not fill the bytes before the table.
	static result<seek_table> parse(std::span<char const> table, std::uint64_t preceding);

	// The frame of the next block. Only the last block may be shorter than the others.
	void add(std::uint32_t frame_length, std::uint32_t block_length);

	// The skippable frame.
	std::string encode() const;

	std::uint64_t frames() const { return m_lengths.size(); }
	std::uint64_t payload() const { return m_payload; } // after all is unpacked
	std::uint64_t compressed() const { return m_compressed; } // of all frames, without the table

	// The frame of a block, by the block's number in the payload.
	frame_place place(std::uint64_t block) const;

	// Two bytes for each of so many frames, taken at once.
	void reserve(std::uint64_t frames);

private:
	std::vector<std::uint16_t> m_lengths; // of the frames
	std::vector<std::uint64_t> m_offsets; // of every 64th frame
	std::uint64_t m_payload = 0;
	std::uint64_t m_compressed = 0;
};

// Reads a table that comes in parts, as over a network: its entries are not kept, which are four to six times
// as long as what a seek_table keeps of them. Errors are those of seek_table::parse().
class seek_table_reader
{
public:
	// In a file that ends with this footer, and where so many bytes precede the skippable frame. Takes no
	// memory that depends on what the footer claims; take() does.
	static result<seek_table_reader> begin(std::span<char const> footer, std::uint64_t preceding);

	// What the footer claims: how many frames the table lists, and the skippable frame's length.
	std::uint64_t frames() const { return m_frames; }
	std::uint64_t length() const { return *seek_table_length(m_footer); }

	// The next bytes of the skippable frame, from its start to its footer.
	result<void> take(std::span<char const> part);

	// Once all of it was taken.
	result<seek_table> finish();

private:
	seek_table_reader() = default;
	std::size_t next_length() const;
	result<void> take_whole();
	result<void> take_entry();

	std::array<char, seek_table_footer_size> m_footer{};
	std::uint64_t m_frames = 0;
	std::size_t m_entry_size = 0;
	std::uint64_t m_preceding = 0;
	std::string m_unread; // the start of what next_length() bytes are needed for
	bool m_has_header = false;
	bool m_has_footer = false;
	seek_table m_table;
};

} // namespace rawswarm
