// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/exact_io.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

namespace rawswarm
{

namespace
{

// The outcome of a system call.
struct outcome
{
	std::size_t at_most = SIZE_MAX; // bytes
	int err = 0; // other than 0: fails
};

outcome short_by_limit(std::size_t bytes)
{
	return {bytes, 0};
}

outcome fails(int err)
{
	return {0, err};
}

// A device in memory. Each call takes the next outcome of the script; after the last, all goes well.
class scripted_device
{
public:
	explicit scripted_device(direction way, std::deque<outcome> script)
		: m_way(way)
		, m_script(std::move(script))
	{}

	ssize_t operator()(std::span<iovec const> buffers, device_offset at)
	{
		++calls;
		EXPECT_FALSE(buffers.empty());
		EXPECT_GT(buffers.front().iov_len, 0u);
		EXPECT_LE(buffers.size(), static_cast<std::size_t>(IOV_MAX));
		auto const next = m_script.empty() ? outcome{} : m_script.front();
		if (!m_script.empty())
		{
			m_script.pop_front();
		}
		errno = next.err;
		return next.err != 0 ? -1 : static_cast<ssize_t>(move(buffers, at.bytes, next.at_most));
	}

	std::string bytes = std::string(100'000, '.');
	int calls = 0;

private:
	std::size_t move(std::span<iovec const> buffers, std::size_t at, std::size_t limit)
	{
		std::size_t moved = 0;
		for (auto const& buffer : buffers)
		{
			auto const step = std::min(buffer.iov_len, limit - moved);
			auto* const medium = bytes.data() + at + moved;
			EXPECT_LE(at + moved + step, bytes.size());
			m_way == direction::write ? std::memcpy(medium, buffer.iov_base, step)
									  : std::memcpy(buffer.iov_base, medium, step);
			moved += step;
		}
		return moved;
	}

	direction m_way;
	std::deque<outcome> m_script;
};

// A text cut into buffers of the given sizes.
class buffer_list
{
public:
	buffer_list(std::string text, std::vector<std::size_t> const& sizes)
		: m_text(std::move(text))
	{
		auto* at = m_text.data();
		for (auto const size : sizes)
		{
			m_buffers.push_back({at, size});
			at += size;
		}
	}

	std::span<iovec const> buffers() const { return m_buffers; }
	std::string const& text() const { return m_text; }

private:
	std::string m_text;
	std::vector<iovec> m_buffers;
};

std::string pattern(std::size_t length)
{
	std::string text(length, '\0');
	for (std::size_t index = 0; index < length; ++index)
	{
		text[index] = static_cast<char>('a' + index % 23);
	}
	return text;
}

result<void> write(scripted_device& device, buffer_list const& list, std::uint64_t offset = 0)
{
	return transfer_exactly(
		direction::write, "/dev/sdx", device_offset{offset}, list.buffers(), std::ref(device));
}

result<void> read(scripted_device& device, buffer_list const& list, std::uint64_t offset = 0)
{
	return transfer_exactly(
		direction::read, "/dev/sdx", device_offset{offset}, list.buffers(), std::ref(device));
}

} // namespace

TEST(exact_io, a_transfer_that_goes_well_is_one_call)
{
	scripted_device device(direction::write, {});
	buffer_list const list("abcdef", {1, 2, 3});
	ASSERT_TRUE(write(device, list, 10));
	EXPECT_EQ(device.calls, 1);
	EXPECT_EQ(device.bytes.substr(9, 8), ".abcdef.");
}

TEST(exact_io, no_bytes_are_no_call)
{
	scripted_device device(direction::write, {});
	ASSERT_TRUE(write(device, buffer_list("", {})));
	ASSERT_TRUE(write(device, buffer_list("", {0, 0, 0})));
	EXPECT_EQ(device.calls, 0);
}

TEST(exact_io, empty_buffers_are_stepped_over)
{
	scripted_device device(direction::write, {short_by_limit(2), short_by_limit(1)});
	ASSERT_TRUE(write(device, buffer_list("abcdef", {0, 2, 0, 0, 3, 0, 1, 0})));
	EXPECT_EQ(device.bytes.substr(0, 7), "abcdef.");
}

TEST(exact_io, a_short_write_goes_on_in_the_middle_of_a_buffer)
{
	scripted_device device(direction::write, {short_by_limit(4), short_by_limit(1), short_by_limit(1)});
	ASSERT_TRUE(write(device, buffer_list("abcdefghij", {3, 4, 3}), 100));
	EXPECT_EQ(device.bytes.substr(99, 12), ".abcdefghij.");
}

TEST(exact_io, a_short_read_goes_on_in_the_middle_of_a_buffer)
{
	scripted_device device(direction::read, {short_by_limit(4), short_by_limit(1), short_by_limit(1)});
	device.bytes.replace(50, 10, "abcdefghij");
	buffer_list const list(std::string(10, '?'), {3, 4, 3});
	ASSERT_TRUE(read(device, list, 50));
	EXPECT_EQ(list.text(), "abcdefghij");
}

TEST(exact_io, every_cut_of_every_list_of_buffers_moves_all_bytes)
{
	for (std::size_t first = 1; first <= 9; ++first)
	{
		for (std::size_t second = 1; second <= 9; ++second)
		{
			scripted_device device(
				direction::write, {short_by_limit(first), fails(EINTR), short_by_limit(second)});
			ASSERT_TRUE(write(device, buffer_list("abcdefghi", {2, 1, 0, 4, 2})));
			ASSERT_EQ(device.bytes.substr(0, 10), "abcdefghi.") << first << ' ' << second;
		}
	}
}

TEST(exact_io, an_interrupted_call_is_made_again)
{
	scripted_device device(direction::write, {fails(EINTR), short_by_limit(2), fails(EINTR), fails(EINTR)});
	ASSERT_TRUE(write(device, buffer_list("abcdef", {6})));
	EXPECT_EQ(device.bytes.substr(0, 7), "abcdef.");
	EXPECT_EQ(device.calls, 5);
}

TEST(exact_io, interruptions_without_end_are_an_error)
{
	int calls = 0;
	char byte = 'x';
	iovec const buffer{&byte, 1};
	auto const written = transfer_exactly(direction::write, "/dev/sdx", device_offset{}, {&buffer, 1},
		[&](std::span<iovec const>, device_offset) -> ssize_t {
			++calls;
			errno = EINTR;
			return -1;
		});
	ASSERT_FALSE(written);
	EXPECT_EQ(written.error().ec, std::errc::interrupted);
	EXPECT_GT(calls, 100);
}

TEST(exact_io, more_buffers_than_iov_max_take_several_calls)
{
	auto const text = pattern(5000);
	scripted_device device(direction::write, {});
	ASSERT_TRUE(write(device, buffer_list(text, std::vector<std::size_t>(2500, 2))));
	EXPECT_EQ(device.calls, (2500 + IOV_MAX - 1) / IOV_MAX);
	EXPECT_EQ(device.bytes.substr(0, 5001), text + ".");
}

TEST(exact_io, more_buffers_than_iov_max_survive_short_calls)
{
	auto const text = pattern(5000);
	scripted_device device(
		direction::read, {short_by_limit(2047), fails(EINTR), short_by_limit(1), short_by_limit(3)});
	device.bytes.replace(7, text.size(), text);
	buffer_list const list(std::string(5000, '?'), std::vector<std::size_t>(2500, 2));
	ASSERT_TRUE(read(device, list, 7));
	EXPECT_EQ(list.text(), text);
}

TEST(exact_io, a_read_of_nothing_is_an_unexpected_end_with_a_code)
{
	scripted_device device(direction::read, {short_by_limit(0x20), short_by_limit(0)});
	auto const done = read(device, buffer_list(std::string(100, '?'), {100}), 0x1000);
	ASSERT_FALSE(done);
	EXPECT_EQ(done.error().text, "reading /dev/sdx at 0x1020: unexpected end");
	EXPECT_EQ(done.error().kind, fault::device);
	EXPECT_TRUE(done.error().ec);
}

TEST(exact_io, a_write_of_nothing_is_a_full_device)
{
	scripted_device device(direction::write, {short_by_limit(0x10), short_by_limit(0)});
	auto const done = write(device, buffer_list(std::string(100, 'x'), {100}), 0x1000);
	ASSERT_FALSE(done);
	EXPECT_EQ(done.error().text, "writing /dev/sdx at 0x1010: No space left on device");
	EXPECT_EQ(done.error().ec, std::errc::no_space_on_device);
}

TEST(exact_io, an_error_carries_the_offset_of_the_first_byte_that_was_not_moved)
{
	scripted_device device(direction::write, {short_by_limit(0x300), fails(EIO)});
	auto const done = write(device, buffer_list(pattern(0x1000), {0x800, 0x800}), 0x2000);
	ASSERT_FALSE(done);
	EXPECT_EQ(done.error().text, "writing /dev/sdx at 0x2300: Input/output error");
	EXPECT_EQ(done.error().ec, std::errc::io_error);
	EXPECT_EQ(done.error().kind, fault::device);
	EXPECT_EQ(device.calls, 2);
}

TEST(exact_io, a_full_device_and_a_failed_read_are_reported_as_they_are)
{
	scripted_device full(direction::write, {fails(ENOSPC)});
	EXPECT_EQ(write(full, buffer_list("abc", {3})).error().text,
		"writing /dev/sdx at 0x0: No space left on device");
	scripted_device broken(direction::read, {short_by_limit(1), fails(EIO)});
	EXPECT_EQ(
		read(broken, buffer_list("abc", {3})).error().text, "reading /dev/sdx at 0x1: Input/output error");
}

TEST(exact_io, a_slice_is_the_same_bytes_without_empty_buffers)
{
	auto const text = pattern(20);
	buffer_list const list(text, {5, 0, 5, 10});
	for (std::size_t skip = 0; skip <= text.size(); ++skip)
	{
		for (std::size_t length = 0; skip + length <= text.size(); ++length)
		{
			std::string bytes;
			for (auto const& part : slice(list.buffers(), skip, length))
			{
				EXPECT_GT(part.iov_len, 0u);
				bytes.append(static_cast<char const*>(part.iov_base), part.iov_len);
			}
			ASSERT_EQ(bytes, text.substr(skip, length));
		}
	}
	EXPECT_EQ(total_length(list.buffers()), 20u);
}

} // namespace rawswarm
