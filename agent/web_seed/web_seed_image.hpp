// SPDX-License-Identifier: BSD-3-Clause
// A compressed image (storage/device/seek_table.hpp) on a web server: recognised by its content, and read by
// ranges of frames.
//
// Blocking, as the connection is; the thread that calls unpacks too. Beside what is returned at most 1 MiB is
// taken, whatever the server sends: the table is read in parts, frames in runs (frame_run.hpp), and a frame
// is unpacked straight into its block. Offsets and lengths in bytes.
#pragma once

#include "agent/net/url.hpp"
#include "agent/web_seed/web_seed_connection.hpp"
#include "storage/device/frame_run.hpp"
#include "storage/device/seek_table.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace rawswarm
{

// What is at a URL.
struct web_image
{
	// Two bytes for each block of the torrent. Null: no compressed image, or there is a failure.
	std::shared_ptr<seek_table const> table;

	// Passing: it could not be read. Lasting: it begins as a compressed image does, and cannot be one of this
	// payload: it was cut off, its table lies, it holds something else.
	std::optional<web_failure> failure;
};

// payload: the size of the torrent. Memory for a table is taken once its footer has said that it is as long
// as the torrent's must be.
web_image look_for_image(web_seed_connection& server, url const& from, std::uint64_t payload);

// A run of frames that has been unpacked, and its bytes of the file.
using on_run = std::function<void(frame_run const&, std::span<char const> frames)>;

// Fetches and unpacks what the range needs of an image with this table. unpacked: called for each run. A
// frame that is damaged is a lasting failure, which says where it is.
std::optional<web_failure> get_payload(web_seed_connection& server, url const& from, seek_table const& table,
	payload_range wanted, std::span<char> to, on_run const& unpacked);

} // namespace rawswarm
