// SPDX-License-Identifier: BSD-3-Clause
// Recognises a source that is not the raw bytes of a disk but a container of them, by its magic numbers:
// images of virtual machines, compressed files, archives, images of other programs, torrents. Written to a
// disk each of them would be a success that boots nothing.
//
// What a raw disk may begin with is not recognised, whatever else it is: boot sectors, partition tables, file
// systems, an ISO 9660 image (which many are made to be written as they are).
//
// The numbers are from the formats' own specifications and from the table of file(1). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rawswarm
{

// How much of the beginning and of the end of a source recognise_format() needs, in bytes.
inline constexpr std::size_t format_head_bytes = 512;
inline constexpr std::size_t format_tail_bytes = 512;

struct foreign_format
{
	std::string_view name; // "a qcow2 image"
	std::string_view remedy; // what makes raw bytes of it: "qemu-img convert -O raw"
	bool unpacks_on_the_way = false; // `create --compress` does it itself (packed_stream.hpp)
};

// head: the first bytes of the source, format_head_bytes unless it is shorter. tail: the last ones in the
// same way; empty for a device, whose end belongs to whatever was there before.
std::optional<foreign_format> recognise_format(std::string_view head, std::string_view tail);

// Whether a file that begins so is a torrent: a dictionary in bencoding whose first key is one that torrents
// have.
bool is_torrent(std::string_view head);

} // namespace rawswarm
