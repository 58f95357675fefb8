// SPDX-License-Identifier: BSD-3-Clause
// What file_device reads past the kernel's page cache.
#include "storage/device/exact_io.hpp"
#include "storage/device/file_device.hpp"
#include "storage/device/page_buffer.hpp"

#include <cstdint>
#include <cstring>
#include <mutex>
#include <system_error>

#include <fcntl.h>

namespace rawswarm
{

namespace
{

constexpr std::uint64_t page = page_buffer::page;

} // namespace

int file_device::direct_reader()
{
	std::call_once(m_reader_opened, [this] {
		auto const self = fmt::format("/proc/self/fd/{}", m_fd.get());
		m_direct_reader = unique_fd(::open(self.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
	});
	return m_direct_reader.get();
}

result<void> file_device::read_medium(device_offset offset, std::span<char> buffer)
{
	BOOST_OUTCOME_TRYV(check_range("reading", offset, buffer.size()));
	auto const unit = direct_unit();
	// the end of a file inside its last unit cannot be read directly
	bool const reaches_end = unit != 0 && (offset + buffer.size()).bytes > m_size / unit * unit;
	if (unit == 0 || page % unit != 0 || reaches_end || direct_reader() < 0
		|| !m_direct_reads_work.load(std::memory_order_relaxed))
	{
		return read_uncached(offset, buffer);
	}
	auto r = read_around(offset, buffer, unit);
	if (!r && m_kind == file_kind::regular && r.error().ec == std::errc::invalid_argument)
	{
		m_direct_reads_work.store(false, std::memory_order_relaxed);
		return read_uncached(offset, buffer);
	}
	return r;
}

// Straight into the buffer if it is aligned, else all the units that it touches, from which its part is
// copied.
result<void> file_device::read_around(
	device_offset const offset, std::span<char> const buffer, std::uint64_t const unit)
{
	auto const in_page = reinterpret_cast<std::uintptr_t>(buffer.data()) % page;
	if (offset.bytes % unit == 0 && buffer.size() % unit == 0 && in_page == 0)
	{
		iovec const whole{buffer.data(), buffer.size()};
		return read_exactly(m_direct_reader.get(), m_path, offset, {&whole, 1}, m_calls.get());
	}
	device_offset const first{offset.bytes / unit * unit};
	auto const before = offset - first;
	auto const length = (before + buffer.size() + unit - 1) / unit * unit;
	page_buffer around(length);
	auto* const start = around.data();
	iovec const whole{start, length};
	BOOST_OUTCOME_TRYV(read_exactly(m_direct_reader.get(), m_path, first, {&whole, 1}, m_calls.get()));
	std::memcpy(buffer.data(), start + before, buffer.size());
	return success();
}

// Clean pages alone.
result<void> file_device::drop_cached(device_offset const offset, std::uint64_t const length)
{
	device_calls::count(m_calls->fadvise);
	int const err = ::posix_fadvise(
		m_fd.get(), static_cast<off_t>(offset.bytes), static_cast<off_t>(length), POSIX_FADV_DONTNEED);
	if (err != 0)
	{
		return fail(
			fault::device, system_error(err), "dropping the cache of {} at {:#x}", m_path, offset.bytes);
	}
	return success();
}

// The kernel drops the pages, and reads them again.
result<void> file_device::read_uncached(device_offset const offset, std::span<char> const buffer)
{
	BOOST_OUTCOME_TRYV(drop_cached(offset, buffer.size()));
	iovec const whole{buffer.data(), buffer.size()};
	return read_exactly(m_fd.get(), m_path, offset, {&whole, 1}, m_calls.get());
}

} // namespace rawswarm
