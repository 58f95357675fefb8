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
#include "storage/device/frame_lengths.hpp"
#include "storage/device/frame_run.hpp"
#include "storage/device/seek_table.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace rawswarm
{

// How frames are found in a compressed image. One of the two, or none: it is no compressed image.
struct web_frames
{
	std::shared_ptr<seek_table const> table =
		nullptr; // the image's own: two bytes for each block of the torrent
	std::shared_ptr<frame_lengths const> lengths =
		nullptr; // the torrent's, of the image that was made with it

	explicit operator bool() const { return table || lengths; }
	std::uint64_t compressed() const { return table ? table->compressed() : lengths->compressed(); }
};

// What is at a URL.
struct web_image
{
	web_frames frames; // none: no compressed image, or there is a failure

	// Passing: it could not be read. Lasting: it begins as a compressed image does, and cannot be one of this
	// payload: it was cut off, its table lies, it holds something else.
	std::optional<web_failure> failure;
};

// payload: the size of the torrent. lengths: what the torrent says, or nullptr; a file of the size that they
// give counts as the one that was made with it, and its table is not read. Else memory for a table is taken
// once its footer has said that it is as long as the torrent's must be.
web_image look_for_image(web_seed_connection& server, url const& from, std::uint64_t payload,
	std::shared_ptr<frame_lengths const> lengths = nullptr);

// A range of the payload. piece: the torrent's, which the range must be if the frames are found by lengths.
struct web_payload
{
	std::size_t piece = 0;
	payload_range range;
};

// A frame that has been unpacked. block_length: of its whole block, of which the range may want a part.
using on_frame = std::function<void(std::span<char const> frame, std::size_t block_length)>;

// Fetches and unpacks what the range needs. A frame that is damaged is a lasting failure, which says where it
// is.
std::optional<web_failure> get_payload(web_seed_connection& server, url const& from, web_frames const& frames,
	web_payload const& wanted, std::span<char> to, on_frame const& unpacked);

} // namespace rawswarm
