// SPDX-License-Identifier: BSD-3-Clause
// Vectored transfers that move every byte, or say at which byte they failed.
//
// preadv and pwritev may be interrupted, may move fewer bytes than requested, and take at most IOV_MAX
// buffers. All of that is dealt with here and nowhere else. Keeps no state: any thread may call
// it at any time. Errors are fault::device with an ec, and read "writing /dev/sda1 at 0x1f400000:
// Input/output error"; the offset is that of the first byte that was not moved.
#pragma once

#include "base/result.hpp"
#include "storage/device/device_calls.hpp"
#include "storage/device/units.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include <sys/types.h>
#include <sys/uio.h>

namespace rawswarm
{

enum class direction
{
	read,
	write
};

// One system call: returns the number of bytes it moved, or -1 with the reason in errno. It gets between one
// and IOV_MAX buffers, the first of them not empty.
using transfer_call = std::function<ssize_t(std::span<iovec const> buffers, device_offset at)>;

// Calls until all buffers are moved or a call fails. A read that moves nothing is an unexpected end, a
// write that moves nothing a full device. An interrupted call is made again.
result<void> transfer_exactly(direction way, std::string_view path, device_offset offset,
	std::span<iovec const> buffers, transfer_call const& call);

// By preadv and pwritev. calls: where they are counted, or nullptr.
result<void> read_exactly(int fd, std::string_view path, device_offset offset, std::span<iovec const> buffers,
	device_calls* calls = nullptr);
result<void> write_exactly(int fd, std::string_view path, device_offset offset,
	std::span<iovec const> buffers, device_calls* calls = nullptr);

// By plain writes of zeros that are part of the program.
result<void> write_zeros(
	int fd, std::string_view path, device_offset offset, std::uint64_t length, device_calls* calls = nullptr);

// The bytes in all the buffers.
std::uint64_t total_length(std::span<iovec const> buffers);

// The part of the buffers that holds `length` bytes after the first `skip`. Both must be in range.
std::vector<iovec> slice(std::span<iovec const> buffers, std::uint64_t skip, std::uint64_t length);

} // namespace rawswarm
