// SPDX-License-Identifier: BSD-3-Clause
// How libtorrent's interface to the disk carries blocks as frames (storage/device/block_frame.hpp). Its own
// flags are the bits 0, 3, 4, 5 and 7 (libtorrent 2.0.11, disk_interface.hpp).
#pragma once

#include <boost/endian/conversion.hpp>
#include <libtorrent/disk_interface.hpp>

#include <cstdint>
#include <span>

namespace rawswarm
{

// Of async_read: the answer may be a frame of the block, which is shorter than the block.
inline constexpr lt::disk_job_flags_t takes_frame{1U << 1U};

// Of async_write: the buffer holds the length of a frame, as a big-endian number of 32 bits, and the frame.
// The length was checked against the message that it came in.
inline constexpr lt::disk_job_flags_t is_frame{1U << 2U};

inline std::span<char const> frame_at(char const* const buffer)
{
	auto const length = boost::endian::load_big_u32(reinterpret_cast<unsigned char const*>(buffer));
	return {buffer + sizeof(std::uint32_t), length};
}

} // namespace rawswarm
