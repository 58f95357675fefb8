// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/exact_io.hpp"

#include "base/bytes.hpp"
#include "storage/device/page_buffer.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace rawswarm
{

namespace
{

// Only a signal interrupts a call, and no source of signals is as fast as this: more interruptions in a
// row, without a single byte moved, are a fault of their own. Initial value, not measured.
constexpr int max_interruptions = 10'000;

// write_zeros passes 256 times this to one call, 16 MiB: large enough that the cost of the call
// disappears, small enough that a failure is noticed soon. Initial value, not measured.
constexpr std::size_t zeros_size = 64_KiB;
constexpr std::size_t zeros_per_call = 256;
alignas(page_buffer::page) constexpr std::array<std::byte, zeros_size> zeros{};

// pwritev does not write to its buffers, whatever the type of iovec says.
iovec zero_buffer(std::uint64_t length)
{
	return {const_cast<std::byte*>(zeros.data()), static_cast<std::size_t>(length)};
}

// The rest of the buffers while they are moved.
class buffer_cursor
{
public:
	explicit buffer_cursor(std::span<iovec const> buffers)
		: m_buffers(buffers)
	{
		drop_empty();
	}

	bool done() const { return m_buffers.empty(); }

	// The buffers of the next call. After a short transfer, only the rest of the buffer in which it ended.
	std::span<iovec const> next()
	{
		if (m_used == 0)
		{
			return m_buffers.first(std::min<std::size_t>(m_buffers.size(), IOV_MAX));
		}
		auto const& front = m_buffers.front();
		m_partial = {static_cast<std::byte*>(front.iov_base) + m_used, front.iov_len - m_used};
		return {&m_partial, 1};
	}

	void advance(std::size_t moved)
	{
		while (moved > 0 && !m_buffers.empty())
		{
			auto const step = std::min(moved, m_buffers.front().iov_len - m_used);
			m_used += step;
			moved -= step;
			drop_empty();
		}
	}

private:
	void drop_empty()
	{
		while (!m_buffers.empty() && m_used == m_buffers.front().iov_len)
		{
			m_buffers = m_buffers.subspan(1);
			m_used = 0;
		}
	}

	std::span<iovec const> m_buffers;
	std::size_t m_used = 0; // bytes of the first buffer that are moved already
	iovec m_partial{};
};

error moved_nothing(direction way, std::string_view path, device_offset at)
{
	if (way == direction::write)
	{
		return fail(fault::device, system_error(ENOSPC), "writing {} at {:#x}", path, at.bytes);
	}
	// The kernel gives no code here, but callers that report only a code need one.
	return {
		fault::device, system_error(EIO), fmt::format("reading {} at {:#x}: unexpected end", path, at.bytes)};
}

} // namespace

result<void> transfer_exactly(direction way, std::string_view path, device_offset offset,
	std::span<iovec const> buffers, transfer_call const& call)
{
	buffer_cursor rest(buffers);
	int interruptions = 0;
	while (!rest.done())
	{
		auto const moved = call(rest.next(), offset);
		if (moved > 0)
		{
			rest.advance(static_cast<std::size_t>(moved));
			offset = offset + static_cast<std::uint64_t>(moved);
			interruptions = 0;
			continue;
		}
		if (moved == 0)
		{
			return moved_nothing(way, path, offset);
		}
		if (errno == EINTR && ++interruptions < max_interruptions)
		{
			continue;
		}
		return fail(fault::device, system_error(errno), "{} {} at {:#x}",
			way == direction::read ? "reading" : "writing", path, offset.bytes);
	}
	return success();
}

result<void> read_exactly(
	int fd, std::string_view path, device_offset offset, std::span<iovec const> buffers, device_calls* calls)
{
	return transfer_exactly(
		direction::read, path, offset, buffers, [fd, calls](std::span<iovec const> part, device_offset at) {
			if (calls)
			{
				device_calls::count(calls->preadv);
			}
			return ::preadv(fd, part.data(), static_cast<int>(part.size()), static_cast<off_t>(at.bytes));
		});
}

result<void> write_exactly(
	int fd, std::string_view path, device_offset offset, std::span<iovec const> buffers, device_calls* calls)
{
	return transfer_exactly(
		direction::write, path, offset, buffers, [fd, calls](std::span<iovec const> part, device_offset at) {
			if (calls)
			{
				device_calls::count(calls->pwritev);
			}
			return ::pwritev(fd, part.data(), static_cast<int>(part.size()), static_cast<off_t>(at.bytes));
		});
}

result<void> write_zeros(
	int fd, std::string_view path, device_offset offset, std::uint64_t length, device_calls* calls)
{
	std::array<iovec, zeros_per_call> whole{};
	whole.fill(zero_buffer(zeros_size));
	while (length >= zeros_size)
	{
		auto const count = std::min<std::uint64_t>(length / zeros_size, zeros_per_call);
		BOOST_OUTCOME_TRYV(write_exactly(fd, path, offset, std::span(whole).first(count), calls));
		offset = offset + count * zeros_size;
		length -= count * zeros_size;
	}
	auto const tail = zero_buffer(length);
	return write_exactly(fd, path, offset, {&tail, 1}, calls);
}

std::uint64_t total_length(std::span<iovec const> buffers)
{
	std::uint64_t total = 0;
	for (auto const& buffer : buffers)
	{
		total += buffer.iov_len;
	}
	return total;
}

std::vector<iovec> slice(std::span<iovec const> buffers, std::uint64_t skip, std::uint64_t length)
{
	std::vector<iovec> part;
	for (auto const& buffer : buffers)
	{
		if (length == 0)
		{
			break;
		}
		if (skip >= buffer.iov_len)
		{
			skip -= buffer.iov_len;
			continue;
		}
		auto const taken = std::min<std::uint64_t>(length, buffer.iov_len - skip);
		part.push_back({static_cast<std::byte*>(buffer.iov_base) + skip, static_cast<std::size_t>(taken)});
		length -= taken;
		skip = 0;
	}
	BOOST_ASSERT(length == 0);
	return part;
}

} // namespace rawswarm
