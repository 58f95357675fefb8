// SPDX-License-Identifier: BSD-3-Clause
// The files of an image that is captured, in the folder of images: NAME.img and NAME.torrent, which appear in
// this order once all is there. Until then names begin with a dot and end in ".part".
//
// Blocking; any thread. An image that exists is never replaced. Errors are one sentence: "capturing golden:
// images has an image of this name already".
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rawswarm
{

struct captured_files
{
	std::string folder;
	std::string name; // of the image

	std::string image() const { return folder + "/" + name + ".img"; }
	std::string torrent() const { return folder + "/" + name + ".torrent"; }
	std::string unfinished_image() const { return folder + "/." + name + ".img.part"; }
	std::string unfinished_torrent() const { return folder + "/." + name + ".torrent.part"; }
};

enum class capture_start
{
	wanted, // nothing is there yet
	is_there // this very image is, from before
};

struct checked_capture
{
	capture_start start = capture_start::wanted;
	std::uint64_t bytes = 0; // that the image takes
};

// The torrent is good, the image has a place and its name is free. reserved: bytes that others are still to
// take of the folder's file system.
//
// fault::refused for a torrent that is none, that is another image's, or that has extents behind the end of
// its disk; fault::usage for a name that is in use; fault::target without space.
result<checked_capture> check_capture(
	captured_files const& files, std::string_view torrent, std::uint64_t reserved);

// The image is complete, as unfinished_image(): it and its torrent get their names. On failure neither is
// left.
result<void> finish_capture(captured_files const& files, std::string_view torrent);

// What a capture that was cut off has left.
void remove_unfinished(captured_files const& files);

// At the start: finishes what lacked its last step when the power went, removes what lacked more.
result<void> clean_up_captures(std::string const& folder);

} // namespace rawswarm
