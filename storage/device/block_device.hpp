// SPDX-License-Identifier: BSD-3-Clause
// A device that a target is written to or served from: reads and writes are exact or fail.
//
// Three kinds look the same from here: a block device, an image file (sparse, offsets inside it) and a
// folder of offset-named files. Every transfer is carried out whole: interrupted calls, short
// transfers and IOV_MAX are dealt with here and nowhere else. All members may be called from any
// thread at once, on ranges that do not overlap.
//
// Errors are fault::device, name action, path and offset, and are never retried or swallowed. Once a
// write or a sync has failed, every later sync fails as well: the kernel reports a lost write-back only
// once and then forgets it.
#pragma once

#include "base/result.hpp"
#include "storage/device/device_calls.hpp"
#include "storage/device/units.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sys/uio.h>

namespace rawswarm
{

enum class device_access
{
	read_only,
	read_write
};

class block_device
{
public:
	virtual ~block_device() = default;

	// Fills all the buffers from the bytes at offset. Reading past the end is an error.
	virtual result<void> read(device_offset offset, std::span<iovec const> buffers) = 0;

	// As read(), but from the medium: it bypasses the caches of this machine, as far as the device or the
	// file system can. Whole sectors go straight to memory that begins on a page. Bytes that are not synced
	// may be missed. The default is for devices without caches.
	virtual result<void> read_medium(device_offset offset, std::span<char> buffer)
	{
		iovec const whole{buffer.data(), buffer.size()};
		return read(offset, {&whole, 1});
	}

	// The frame (block_frame.hpp) in which a block of the torrent is stored, by the block's number in the
	// payload: its length, after it was put into the buffer, which has room for a block. 0: the device has no
	// frame of the block that is shorter than that and can be passed on as it is.
	virtual result<std::size_t> read_frame(std::uint64_t /*block*/, std::span<char> /*buffer*/)
	{
		return std::size_t(0);
	}

	// The frames of so many blocks, one behind the other as they are stored. Only if has_frames().
	virtual result<void> read_frames(
		std::uint64_t /*first_block*/, std::uint64_t /*blocks*/, std::vector<char>& /*frames*/)
	{
		return fail(fault::device, "reading {}: it holds no frames", path());
	}

	// Whether read_frame() is worth a call.
	virtual bool has_frames() const { return false; }

	// Writes all the buffers to the bytes at offset. Writing past the end is an error for a device.
	virtual result<void> write(device_offset offset, std::span<iovec const> buffers) = 0;

	// Makes length bytes at offset read as zeros, by the device's own means where it has them.
	virtual result<void> zero(device_offset offset, std::uint64_t length) = 0;

	// Returns when every write before it is on the medium.
	virtual result<void> sync() = 0;

	// Where calls of the kernel are counted from now on. Before other threads use the device. The default is
	// for devices that call nothing.
	virtual void count_calls(std::shared_ptr<device_calls> const& /*calls*/) {}

	// Bytes. A file that is still to be written counts with its final size.
	virtual std::uint64_t size() const = 0;

	virtual std::string const& path() const = 0;
};

} // namespace rawswarm
