// SPDX-License-Identifier: BSD-3-Clause
// A compressed image (seek_table.hpp), seen as the device that its torrent describes. For reading.
//
// The file holds the torrent's payload, so a place on the device is found by the torrent's extents; a range
// that no extent covers is an error. A frame that is damaged is an error of the read that meets it
// (fault::device), with the frame's place in the file. Reads unpack in the calling thread.
//
// All members may be called from any thread at once.
#pragma once

#include "base/object_pool.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/block_frame.hpp"
#include "storage/device/extent_map.hpp"
#include "storage/device/file_device.hpp"
#include "storage/device/frame_run.hpp"
#include "storage/device/seek_table.hpp"

#include <memory>
#include <string>

namespace rawswarm
{

class compressed_device final : public block_device
{
public:
	enum class content
	{
		raw, // or no regular file
		frames, // begins as one of zstd's frames does, and has no seek table: a stream, or cut off
		seekable // a compressed image, as far as its first and last bytes tell
	};

	static result<content> examine(std::string const& path);

	// Bytes of a torrent's payload in a compressed image. fault::target as below.
	static result<std::uint64_t> payload_of(std::string const& path);

	// payload: the size of the torrent. Refused (fault::target): a seek table that is damaged, that does not
	// fit the file, or that holds another number of bytes than the payload has.
	static result<std::unique_ptr<compressed_device>> open(
		std::string const& path, extent_map const& extents, std::uint64_t payload);

	result<void> read(device_offset offset, std::span<iovec const> buffers) override;
	result<void> read_medium(device_offset offset, std::span<char> buffer) override;
	result<std::size_t> read_frame(std::uint64_t block, std::span<char> buffer) override;
	result<void> read_frames(
		std::uint64_t first_block, std::uint64_t blocks, std::vector<char>& frames) override;
	bool has_frames() const override { return true; }
	result<void> write(device_offset offset, std::span<iovec const> buffers) override; // refused
	result<void> zero(device_offset offset, std::uint64_t length) override; // refused
	result<void> sync() override { return success(); }
	void count_calls(std::shared_ptr<device_calls> const& calls) override { m_file->count_calls(calls); }
	std::uint64_t size() const override { return m_extents.end().bytes; }
	std::string const& path() const override { return m_file->path(); }

private:
	enum class source
	{
		cache,
		medium
	};

	compressed_device(std::unique_ptr<file_device> file, seek_table table, extent_map extents);
	result<payload_range> find(device_offset offset, std::uint64_t length) const;
	result<void> read(source from, device_offset offset, std::span<char> buffer);
	result<void> unpack(source from, payload_range range, std::span<char> to);

	std::unique_ptr<file_device> const m_file;
	seek_table const m_table;
	extent_map const m_extents;
	object_pool<frame_reader> m_readers;
};

} // namespace rawswarm
