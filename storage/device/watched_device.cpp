// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/watched_device.hpp"

namespace rawswarm
{

// From the beginning of a request to its end.
class watched_device::watch
{
public:
	watch(watched_device& device, char const* const action, std::optional<device_offset> const offset)
		: m_device(device)
	{
		mutex_lock const l(m_device.m_mutex);
		m_device.m_pending.push_back({action, offset, std::chrono::steady_clock::now()});
		m_request = std::prev(m_device.m_pending.end());
	}
	~watch()
	{
		mutex_lock const l(m_device.m_mutex);
		m_device.m_pending.erase(m_request);
	}
	watch(watch const&) = delete;
	watch& operator=(watch const&) = delete;

private:
	watched_device& m_device;
	std::list<pending_request>::iterator m_request;
};

std::string to_string(pending_request const& request, std::string const& path)
{
	return request.offset ? fmt::format("{} {} at {:#x}", request.action, path, request.offset->bytes)
						  : fmt::format("{} {}", request.action, path);
}

std::optional<pending_request> watched_device::oldest() const
{
	mutex_lock const l(m_mutex);
	return m_pending.empty() ? std::nullopt : std::optional(m_pending.front());
}

result<void> watched_device::read(device_offset const offset, std::span<iovec const> const buffers)
{
	watch const w(*this, "reading", offset);
	return m_device->read(offset, buffers);
}

result<void> watched_device::read_medium(device_offset const offset, std::span<char> const buffer)
{
	watch const w(*this, "reading", offset);
	return m_device->read_medium(offset, buffer);
}

result<std::size_t> watched_device::read_frame(std::uint64_t const block, std::span<char> const buffer)
{
	watch const w(*this, "reading", device_offset{block * block_size});
	return m_device->read_frame(block, buffer);
}

result<void> watched_device::read_frames(
	std::uint64_t const first_block, std::uint64_t const blocks, std::vector<char>& frames)
{
	watch const w(*this, "reading", device_offset{first_block * block_size});
	return m_device->read_frames(first_block, blocks, frames);
}

result<void> watched_device::write(device_offset const offset, std::span<iovec const> const buffers)
{
	watch const w(*this, "writing", offset);
	return m_device->write(offset, buffers);
}

result<void> watched_device::zero(device_offset const offset, std::uint64_t const length)
{
	watch const w(*this, "zeroing", offset);
	return m_device->zero(offset, length);
}

result<void> watched_device::sync()
{
	watch const w(*this, "syncing", std::nullopt);
	return m_device->sync();
}

} // namespace rawswarm
