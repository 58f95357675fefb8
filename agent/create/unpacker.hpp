// SPDX-License-Identifier: BSD-3-Clause
// Unpacks a stream of zstd (RFC 8878) or gzip (RFC 1952) part by part: a part is a frame of zstd or a member
// of gzip, and a stream has one or more of them.
//
// Pure but for memory, which the stream cannot enlarge: up to 128 MiB for a window of zstd, 40 KiB for gzip.
// One thread. Lengths are bytes.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace rawswarm
{

enum class packing
{
	none,
	zstd,
	gzip
};

// "zstd", "gzip".
std::string_view to_string(packing how) noexcept;

// How much of a stream packing_of() and declared_size() want to see; less if there is less.
inline constexpr std::size_t packing_head_bytes = 18; // of zstd, the longest header of a frame

// By the magic number. A frame that decoders skip, with which parallel compressors begin, is taken for
// zstd's, as other formats that have it do not begin with one.
packing packing_of(std::string_view head) noexcept;

// What the first frame of zstd says to hold. Empty: it does not say, or it is no such frame.
std::optional<std::uint64_t> declared_size(std::string_view head) noexcept;

struct unpacked
{
	std::size_t taken = 0; // of what is packed
	std::size_t given = 0;
	bool part_ended = false; // all of the part was taken and given; what follows begins another one
};

class unpacker
{
public:
	virtual ~unpacker() = default;

	// As much as fits. If nothing is taken nor given, more of the stream is needed. Errors read "it is
	// damaged: its checksum is another one", for the caller to add the stream's name: fault::device for what
	// is damaged, fault::target for what cannot be unpacked here.
	virtual result<unpacked> unpack(std::span<char const> packed, std::span<char> to) = 0;
};

// For any packing but none. Throws std::bad_alloc.
std::unique_ptr<unpacker> make_unpacker(packing how);

} // namespace rawswarm
