// SPDX-License-Identifier: BSD-3-Clause
// Opens a target, with every check that can be made before the first byte.
//
// Errors are fault::target and read "opening /dev/sda1: mounted on /mnt". Only the files of folders are ever
// created, and image files where the caller says so: the name of a device that is misspelt must not become a
// file. Not in /dev, and not on a machine whose root is in memory, as in an initramfs.
#pragma once

#include "base/result.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/device_profile.hpp"
#include "storage/device/extent_map.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rawswarm
{

// What becomes of an image file that does not exist.
enum class missing_file
{
	refuse,
	create
};

// For reading (seed, create): a block device, an image file or a folder of offset-named files.
result<std::unique_ptr<block_device>> open_source(std::string const& path);

// The same for the payload of a torrent, in bytes, which may be a compressed image too
// (compressed_device.hpp).
result<std::unique_ptr<block_device>> open_source(
	std::string const& path, extent_map const& extents, std::uint64_t payload);

// Every check of open_target on the path, without changing or creating anything. room: bytes that a block
// device must have, if not those up to extents.end().
result<void> check_target(std::string const& path, extent_map const& extents,
	missing_file missing = missing_file::refuse, std::optional<std::uint64_t> room = {});

// The checks of open_target that do not depend on extents, for a block device; anything else is refused.
result<void> check_device(std::string const& path);

// That a device with sectors of so many bytes can take the extents. Errors as those of open_target.
result<void> check_sectors(std::string const& label, std::uint64_t sector, extent_map const& extents);

// For writing. A block device is opened with O_EXCL, a file or folder and the file behind a loop device
// claimed (file_claim.hpp). It must be unmounted, no swap, held by nothing, writable and as large as
// extents.end() or as `room` says, and sectors of more than 512 bytes must fit the extents. A folder gets one
// file per extent, with the name file_names[extent::file]; its files are always written through the page
// cache.
result<std::unique_ptr<block_device>> open_target(std::string const& path, extent_map const& extents,
	std::vector<std::string> const& file_names, direct_writes direct = direct_writes::automatic,
	missing_file missing = missing_file::refuse, std::optional<std::uint64_t> room = {});

// The part of open_target that opens an image file, of at least `size` bytes. Checks nothing.
result<std::unique_ptr<block_device>> open_image_target(
	std::string const& path, std::uint64_t size, direct_writes direct = direct_writes::automatic);

} // namespace rawswarm
