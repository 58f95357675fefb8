// SPDX-License-Identifier: BSD-3-Clause
// A device whose requests that are not answered yet are known, so that one that hangs can be named.
//
// A thread that waits for a device cannot be woken; only somebody else can tell for how long it has waited.
// Passes everything on to another device. Thread-safe, as every device is.
#pragma once

#include "base/mutex.hpp"
#include "storage/device/block_device.hpp"

#include <list>
#include <memory>
#include <optional>

namespace rawswarm
{

// A request that the device has not answered.
struct pending_request
{
	char const* action = ""; // as errors name it: "writing"
	std::optional<device_offset> offset; // empty: a sync, which is of the whole device
	steady_time since;
};

// "writing /dev/sda at 0x1f400000"
std::string to_string(pending_request const& request, std::string const& path);

class watched_device final : public block_device
{
public:
	explicit watched_device(std::unique_ptr<block_device> device)
		: m_device(std::move(device))
	{}

	// The one that has waited longest; nothing: no request is under way.
	std::optional<pending_request> oldest() const;

	result<void> read(device_offset offset, std::span<iovec const> buffers) override;
	result<void> read_medium(device_offset offset, std::span<char> buffer) override;
	result<std::size_t> read_frame(std::uint64_t block, std::span<char> buffer) override;
	result<void> read_frames(
		std::uint64_t first_block, std::uint64_t blocks, std::vector<char>& frames) override;
	bool has_frames() const override { return m_device->has_frames(); }
	result<void> write(device_offset offset, std::span<iovec const> buffers) override;
	result<void> zero(device_offset offset, std::uint64_t length) override;
	result<void> sync() override;
	void count_calls(std::shared_ptr<device_calls> const& calls) override { m_device->count_calls(calls); }
	std::uint64_t size() const override { return m_device->size(); }
	std::string const& path() const override { return m_device->path(); }

private:
	class watch;

	std::unique_ptr<block_device> m_device;
	mutable mutex m_mutex;
	std::list<pending_request> m_pending GUARDED_BY(m_mutex); // in the order of their beginning
};

} // namespace rawswarm
