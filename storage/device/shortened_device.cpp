// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/shortened_device.hpp"

#include "storage/device/exact_io.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rawswarm
{

namespace
{

// Calls `move` with each place in the buffers, which begin at `offset`, that a byte of [at, at + length) is
// or belongs at: the memory, how far into the range it is, and the number of bytes.
template <class Move>
void for_common(device_offset offset, std::span<iovec const> const buffers, device_offset const at,
	std::uint64_t const length, Move const& move)
{
	for (auto const& buffer : buffers)
	{
		auto const begin = std::max(offset, at);
		auto const end = std::min(offset + buffer.iov_len, at + length);
		if (begin < end)
		{
			move(static_cast<char*>(buffer.iov_base) + (begin - offset), begin - at, end - begin);
		}
		offset = offset + buffer.iov_len;
	}
}

} // namespace

std::uint64_t bytes_behind(extent_map const& extents, std::uint64_t const end)
{
	std::uint64_t sum = 0;
	for (auto const& e : extents.extents())
	{
		auto const begin = std::max(e.offset.bytes, end);
		auto const extent_end = e.offset.bytes + e.length;
		sum += begin < extent_end ? extent_end - begin : 0;
	}
	return sum;
}

shortened_device::shortened_device(
	std::unique_ptr<block_device> device, extent_map const& extents, std::uint64_t const size)
	: m_device(std::move(device))
	, m_size(std::max(size, m_device->size()))
{
	mutex_lock const l(m_mutex);
	device_offset const end{m_device->size()};
	for (auto const& e : extents.extents())
	{
		auto const begin = std::max(e.offset, end);
		if (begin < e.offset + e.length)
		{
			m_behind.push_back({begin, std::string(e.offset + e.length - begin, '\0')});
		}
	}
}

void shortened_device::lay_over(device_offset const at, std::string bytes)
{
	mutex_lock const l(m_mutex);
	m_laid_over.push_back({at, std::move(bytes)});
}

// Of a range so many bytes lie on the device, before its end.
std::uint64_t shortened_device::on_device(device_offset const offset, std::uint64_t const length) const
{
	device_offset const end{m_device->size()};
	return offset < end ? std::min(length, end - offset) : 0;
}

void shortened_device::read_overlays(device_offset const offset, std::span<iovec const> const buffers) const
{
	mutex_lock const l(m_mutex);
	for (auto const* const overlays : {&m_behind, &m_laid_over})
	{
		for (auto const& o : *overlays)
		{
			for_common(offset, buffers, o.at, o.bytes.size(),
				[&o](char* const to, std::uint64_t const from, std::uint64_t const length) {
					std::memcpy(to, &o.bytes[from], length);
				});
		}
	}
}

result<void> shortened_device::read(device_offset const offset, std::span<iovec const> const buffers)
{
	auto const all = total_length(buffers);
	auto const there = on_device(offset, all);
	if (there > 0)
	{
		auto const parts = slice(buffers, 0, there);
		BOOST_OUTCOME_TRYV(m_device->read(offset, parts));
	}
	for_common(offset, buffers, offset + there, all - there,
		[](char* const to, std::uint64_t, std::uint64_t const length) { std::memset(to, 0, length); });
	read_overlays(offset, buffers);
	return success();
}

result<void> shortened_device::read_medium(device_offset const offset, std::span<char> const buffer)
{
	auto const there = on_device(offset, buffer.size());
	if (there > 0)
	{
		BOOST_OUTCOME_TRYV(m_device->read_medium(offset, buffer.first(there)));
	}
	std::ranges::fill(buffer.subspan(there), '\0');
	iovec const whole{buffer.data(), buffer.size()};
	read_overlays(offset, {&whole, 1});
	return success();
}

result<void> shortened_device::write(device_offset const offset, std::span<iovec const> const buffers)
{
	auto const there = on_device(offset, total_length(buffers));
	if (there > 0)
	{
		auto const parts = slice(buffers, 0, there);
		BOOST_OUTCOME_TRYV(m_device->write(offset, parts));
	}
	mutex_lock const l(m_mutex);
	for (auto& o : m_behind)
	{
		for_common(offset, buffers, o.at, o.bytes.size(),
			[&o](char const* const from, std::uint64_t const to, std::uint64_t const length) {
				std::memcpy(&o.bytes[to], from, length);
			});
	}
	return success();
}

result<void> shortened_device::zero(device_offset const offset, std::uint64_t const length)
{
	auto const there = on_device(offset, length);
	return there > 0 ? m_device->zero(offset, there) : success();
}

result<void> shortened_device::freeze(byte_range const range)
{
	std::string bytes(range.length, '\0');
	iovec const whole{bytes.data(), bytes.size()};
	BOOST_OUTCOME_TRYV(read(range.offset, {&whole, 1}));
	lay_over(range.offset, std::move(bytes));
	return success();
}

} // namespace rawswarm
