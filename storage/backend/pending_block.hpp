// SPDX-License-Identifier: BSD-3-Clause
// A block on its way to the device.
#pragma once

#include "storage/backend/piece_key.hpp"

#include <libtorrent/error_code.hpp>

#include <functional>

namespace rawswarm
{

using write_handler = std::function<void(lt::storage_error const&)>;

// The buffer is the cache's until end_write(), or that of the caller who waits for the write.
struct pending_block
{
	piece_key key;
	block_index block;
	char const* buffer = nullptr;
	int length = 0; // bytes
	steady_time arrived;
	write_handler handler;
	lt::storage_error error; // set by write_blocks()
};

} // namespace rawswarm
