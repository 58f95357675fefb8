// SPDX-License-Identifier: BSD-3-Clause
// A block as a frame of zstd (RFC 8878), and back.
//
// Each object is used by one thread at a time, and keeps its working memory: about 130 KiB to unpack, 300 KiB
// to 10 MiB to compress, by level. Lengths are bytes.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <span>
#include <string>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace rawswarm
{

inline constexpr int lowest_compression_level = 1;
inline constexpr int highest_compression_level = 19;

// Of a block: a frame that is longer is not worth unpacking.
inline std::size_t longest_frame(std::size_t const block)
{
	return block - block / 20;
}

class frame_writer
{
public:
	// level: from lowest_compression_level to highest_compression_level. Throws std::bad_alloc.
	explicit frame_writer(int level);
	~frame_writer();
	frame_writer(frame_writer const&) = delete;
	frame_writer& operator=(frame_writer const&) = delete;

	// Of the frames from here on.
	void set_level(int level);

	// Appends the frame of a block, which says the block's length and has a checksum. Returns the frame's
	// length. The same block and level give the same frame.
	std::size_t append(std::string& to, std::span<char const> block);

	// Puts the frame, without a checksum, at the start of `to`. Returns its length; 0: it does not fit.
	std::size_t write(std::span<char> to, std::span<char const> block);

private:
	ZSTD_CCtx_s* m_context;
};

// Whether these bytes are one frame and nothing else, that says to hold a block of this length: from its
// headers, nothing is unpacked. Refused as frame_reader::unpack() does.
result<void> check_frame(std::span<char const> frame, std::size_t block_length);

// The length of the frame that these bytes begin with. 0: none that is whole.
std::size_t first_frame(std::span<char const> bytes);

class frame_reader
{
public:
	frame_reader(); // throws std::bad_alloc
	~frame_reader();
	frame_reader(frame_reader const&) = delete;
	frame_reader& operator=(frame_reader const&) = delete;

	// Fills the block. Refused (fault::refused, "the frame ...", for the caller to say which): anything but
	// one frame that holds just so many bytes, whatever it claims. Nothing is written behind the block, and
	// no memory is taken that depends on the frame.
	result<void> unpack(std::span<char const> frame, std::span<char> block);

private:
	ZSTD_DCtx_s* m_context;
};

} // namespace rawswarm
