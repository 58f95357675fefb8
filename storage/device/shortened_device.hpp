// SPDX-License-Identifier: BSD-3-Clause
// A device for an image that is longer: what the image has behind the end of the device is kept in memory, so
// that its pieces can be hashed and served like any other.
//
// As large as the image, for its users. What no extent covers behind the end reads as zeros, and zeroing it
// does nothing. Thread-safe, as every device is. Memory that is lost with the process holds nothing that the
// device needs: the copy of a GPT which stands elsewhere on a smaller disk.
#pragma once

#include "base/mutex.hpp"
#include "storage/device/block_device.hpp"
#include "storage/device/extent_map.hpp"

#include <memory>
#include <vector>

namespace rawswarm
{

// What may be kept in memory. The copy of a GPT has 16.5 KiB, and an image takes whole blocks, or the last
// MiB.
inline constexpr std::uint64_t most_behind_end = std::uint64_t(1) << 20;

// Bytes that the extents have behind this end of a device.
std::uint64_t bytes_behind(extent_map const& extents, std::uint64_t end);

class shortened_device final : public block_device
{
public:
	// At most most_behind_end bytes of the extents may lie behind the end of the device. size: of the image.
	shortened_device(std::unique_ptr<block_device> device, extent_map const& extents, std::uint64_t size);

	// From now on these bytes are read there, whatever the device has.
	void lay_over(device_offset at, std::string bytes);

	// The same with what is there now. Nothing may be written to the range by this object any more.
	result<void> freeze(byte_range range);

	result<void> read(device_offset offset, std::span<iovec const> buffers) override;
	result<void> read_medium(device_offset offset, std::span<char> buffer) override;
	result<void> write(device_offset offset, std::span<iovec const> buffers) override;
	result<void> zero(device_offset offset, std::uint64_t length) override;
	result<void> sync() override { return m_device->sync(); }
	void count_calls(std::shared_ptr<device_calls> const& calls) override { m_device->count_calls(calls); }
	std::uint64_t size() const override { return m_size; }
	std::string const& path() const override { return m_device->path(); }

private:
	struct overlay
	{
		device_offset at;
		std::string bytes;
	};

	std::uint64_t on_device(device_offset offset, std::uint64_t length) const;
	void read_overlays(device_offset offset, std::span<iovec const> buffers) const;

	std::unique_ptr<block_device> m_device;
	std::uint64_t m_size;
	mutable mutex m_mutex;
	std::vector<overlay> m_behind GUARDED_BY(m_mutex); // the end: what is written there
	std::vector<overlay> m_laid_over GUARDED_BY(m_mutex);
};

} // namespace rawswarm
