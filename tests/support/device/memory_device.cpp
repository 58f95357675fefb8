// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/device/memory_device.hpp"

#include "storage/device/exact_io.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

namespace rawswarm::test
{

namespace
{

std::string_view name_of(device_call const kind)
{
	switch (kind)
	{
	case device_call::read: return "reading";
	case device_call::write: return "writing";
	case device_call::sync: break;
	}
	return "syncing";
}

std::uint64_t length_of(std::span<iovec const> const buffers)
{
	std::uint64_t sum = 0;
	for (auto const& b : buffers)
	{
		sum += b.iov_len;
	}
	return sum;
}

} // namespace

// From the beginning of a call to its end.
class memory_device::under_way
{
public:
	under_way(memory_device& device, device_call const kind)
		: m_device(device)
		, m_kind(kind)
	{
		std::lock_guard const l(m_device.m_mutex);
		auto const now = ++m_device.m_under_way[m_kind];
		auto& most = m_device.m_most[m_kind];
		most = std::max(most, now);
	}
	~under_way()
	{
		std::lock_guard const l(m_device.m_mutex);
		--m_device.m_under_way[m_kind];
	}
	under_way(under_way const&) = delete;
	under_way& operator=(under_way const&) = delete;

private:
	memory_device& m_device;
	device_call m_kind;
};

memory_device::memory_device(std::size_t const size)
	: m_bytes(size, untouched_byte)
	, m_synced(m_bytes)
{}

void memory_device::fail(device_call const kind, int const n, int const error_number)
{
	std::lock_guard const l(m_mutex);
	m_failures[kind] = {n, error_number};
}

void memory_device::split_writes(unsigned const seed)
{
	std::lock_guard const l(m_mutex);
	m_splitting.emplace(seed);
}

void memory_device::linger(std::chrono::milliseconds const time)
{
	std::lock_guard const l(m_mutex);
	m_linger = time;
}

int memory_device::most_at_once(device_call const kind) const
{
	std::lock_guard const l(m_mutex);
	auto const most = m_most.find(kind);
	return most == m_most.end() ? 0 : most->second;
}

void memory_device::crash()
{
	std::lock_guard const l(m_mutex);
	m_bytes = m_synced;
}

void memory_device::block(device_call const kind)
{
	std::lock_guard const l(m_mutex);
	m_blocked.insert(kind);
}

void memory_device::release(device_call const kind)
{
	std::lock_guard const l(m_mutex);
	m_blocked.erase(kind);
	m_changed.notify_all();
}

void memory_device::release_all()
{
	std::lock_guard const l(m_mutex);
	m_blocked.clear();
	m_changed.notify_all();
}

bool memory_device::wait_for_blocked(int const calls)
{
	std::unique_lock l(m_mutex);
	return m_changed.wait_for(l, std::chrono::seconds(5), [&] { return m_waiting >= calls; });
}

std::vector<memory_device::log_entry> memory_device::log() const
{
	std::lock_guard const l(m_mutex);
	return m_log;
}

int memory_device::count(device_call const kind) const
{
	std::lock_guard const l(m_mutex);
	return static_cast<int>(std::ranges::count(m_log, kind, &log_entry::kind));
}

std::string memory_device::bytes(std::uint64_t const offset, std::size_t const length) const
{
	std::lock_guard const l(m_mutex);
	return m_bytes.substr(offset, length);
}

void memory_device::put(std::uint64_t const offset, std::string_view const bytes)
{
	std::lock_guard const l(m_mutex);
	m_bytes.replace(offset, bytes.size(), bytes);
}

// Logs, waits and fails as planned.
result<void> memory_device::begin(
	device_call const kind, std::uint64_t const offset, std::uint64_t const length)
{
	std::unique_lock l(m_mutex);
	m_log.push_back({kind, offset, length});
	++m_waiting;
	m_changed.notify_all();
	m_changed.wait(l, [&] { return !m_blocked.contains(kind); });
	--m_waiting;
	if (m_linger.count() > 0)
	{
		l.unlock();
		std::this_thread::sleep_for(m_linger); // what a device takes
		l.lock();
	}
	auto const planned = m_failures.find(kind);
	if (planned != m_failures.end() && --planned->second.calls_left == 0)
	{
		auto const ec = system_error(planned->second.error_number);
		m_failures.erase(planned);
		return rawswarm::fail(fault::device, ec, "{} {} at {:#x}", name_of(kind), m_path, offset);
	}
	if (offset + length > m_bytes.size())
	{
		return rawswarm::fail(
			fault::device, system_error(EIO), "{} {} past its end at {:#x}", name_of(kind), m_path, offset);
	}
	return success();
}

result<void> memory_device::read(device_offset const offset, std::span<iovec const> const buffers)
{
	under_way const call(*this, device_call::read);
	BOOST_OUTCOME_TRYV(begin(device_call::read, offset.bytes, length_of(buffers)));
	std::lock_guard const l(m_mutex);
	char const* from = m_bytes.data() + offset.bytes;
	for (auto const& b : buffers)
	{
		std::memcpy(b.iov_base, from, b.iov_len);
		from += b.iov_len;
	}
	return success();
}

result<void> memory_device::write(device_offset const offset, std::span<iovec const> const buffers)
{
	under_way const call(*this, device_call::write);
	BOOST_OUTCOME_TRYV(begin(device_call::write, offset.bytes, length_of(buffers)));
	std::unique_lock l(m_mutex);
	if (!m_splitting)
	{
		copy_in(offset.bytes, buffers);
		return success();
	}
	l.unlock();
	return transfer_exactly(direction::write, m_path, offset, buffers,
		[this](std::span<iovec const> const part, device_offset const at) -> ssize_t {
			std::lock_guard const locked(m_mutex);
			auto const dice = (*m_splitting)();
			if (dice % 3 == 0)
			{
				errno = EINTR;
				return -1;
			}
			auto const length = 1 + dice % total_length(part);
			copy_in(at.bytes, slice(part, 0, length));
			return static_cast<ssize_t>(length);
		});
}

// Call with the lock held.
void memory_device::copy_in(std::uint64_t const offset, std::span<iovec const> const buffers)
{
	char* to = m_bytes.data() + offset;
	for (auto const& b : buffers)
	{
		std::memcpy(to, b.iov_base, b.iov_len);
		to += b.iov_len;
	}
}

result<void> memory_device::zero(device_offset const offset, std::uint64_t const length)
{
	BOOST_OUTCOME_TRYV(begin(device_call::write, offset.bytes, length));
	std::lock_guard const l(m_mutex);
	std::fill_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(offset.bytes), length, '\0');
	return success();
}

result<void> memory_device::sync()
{
	BOOST_OUTCOME_TRYV(begin(device_call::sync, 0, 0));
	std::lock_guard const l(m_mutex);
	m_synced = m_bytes;
	return success();
}

} // namespace rawswarm::test
