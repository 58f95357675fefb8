// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/packed_stream.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

// Of a read. A pipe gives 64 KiB, a file is read ahead by the kernel. Initial value, not measured.
constexpr std::size_t read_size = 256_KiB;

result<unique_fd> open_stream(std::string const& path)
{
	bool const is_input = path == standard_input;
	unique_fd fd(
		is_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	if (!fd)
	{
		return fail(fault::target, system_error(errno), "opening {}", is_input ? "standard input" : path);
	}
	return fd;
}

// 0, or the errno.
int read_some(int const fd, std::span<char> const buffer, std::size_t& length)
{
	::ssize_t got = 0;
	do
	{
		got = ::read(fd, buffer.data(), buffer.size());
	} while (got == -1 && errno == EINTR);
	length = got == -1 ? 0 : static_cast<std::size_t>(got);
	return got == -1 ? errno : 0;
}

} // namespace

packed_stream::packed_stream(unique_fd fd, std::string name, std::uint64_t const size)
	: m_fd(std::move(fd))
	, m_name(std::move(name))
	, m_size(size)
	, m_buffer(read_size)
{}

result<std::unique_ptr<packed_stream>> packed_stream::open(std::string const& path, bool const raw)
{
	BOOST_OUTCOME_TRY(fd, open_stream(path));
	std::string const name = path == standard_input ? "standard input" : path;
	struct stat status = {};
	if (::fstat(fd.get(), &status) != 0)
	{
		return fail(fault::target, system_error(errno), "opening {}", name);
	}
	if (S_ISBLK(status.st_mode))
	{
		return fail(fault::target, "opening {}: it is a block device: give its path", name);
	}
	std::uint64_t size = 0;
	if (S_ISREG(status.st_mode))
	{
		auto const at = std::max<::off_t>(0, ::lseek(fd.get(), 0, SEEK_CUR)); // a caller may have read some
		size = static_cast<std::uint64_t>(std::max<::off_t>(0, status.st_size - at));
	}
	std::unique_ptr<packed_stream> stream(new packed_stream(std::move(fd), name, size));
	BOOST_OUTCOME_TRYV(stream->begin(raw));
	return stream;
}

packing packed_stream::examine(std::string const& path)
{
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	struct stat status = {};
	if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
	{
		return packing::none;
	}
	std::array<char, packing_head_bytes> head = {};
	std::size_t length = 0;
	return read_some(fd.get(), head, length) == 0 ? packing_of({head.data(), length}) : packing::none;
}

result<void> packed_stream::begin(bool const raw)
{
	BOOST_OUTCOME_TRYV(fill(packing_head_bytes));
	std::string_view const head(m_packed.data(), m_packed.size());
	m_packing = raw ? packing::none : packing_of(head);
	if (m_packing != packing::none)
	{
		m_unpacker = make_unpacker(m_packing);
		m_declared = rawswarm::declared_size(head);
	}
	else if (m_size > 0)
	{
		m_declared = m_size;
	}
	return success();
}

// Until so many bytes are there, or the end.
result<void> packed_stream::fill(std::size_t const least)
{
	if (m_packed.size() >= least || m_at_end)
	{
		return success();
	}
	std::memmove(m_buffer.data(), m_packed.data(), m_packed.size());
	auto length = m_packed.size();
	while (length < least && !m_at_end)
	{
		std::size_t got = 0;
		int const failed = read_some(m_fd.get(), std::span<char>(m_buffer).subspan(length), got);
		if (failed != 0)
		{
			return fail(fault::device, system_error(failed), "reading {} at {:#x}", m_name, m_offset);
		}
		m_at_end = got == 0;
		m_offset += got;
		length += got;
	}
	m_packed = {m_buffer.data(), length};
	return success();
}

result<std::string_view> packed_stream::head(std::size_t const length)
{
	auto const had = m_head.size();
	if (had < length)
	{
		m_head.resize(length);
		BOOST_OUTCOME_TRY(got, read_on(std::span<char>(m_head).subspan(had)));
		m_head.resize(had + got);
	}
	return std::string_view(m_head);
}

result<std::size_t> packed_stream::read(std::span<char> const buffer)
{
	auto const again = std::min(buffer.size(), m_head.size() - m_head_read);
	std::copy_n(m_head.data() + m_head_read, again, buffer.data());
	m_head_read += again;
	BOOST_OUTCOME_TRY(got, read_on(buffer.subspan(again)));
	return again + got;
}

result<std::size_t> packed_stream::read_on(std::span<char> const buffer)
{
	std::size_t filled = 0;
	while (filled < buffer.size())
	{
		BOOST_OUTCOME_TRYV(m_unpacker && !m_in_part ? begin_part() : fill(1));
		if (m_packed.empty() && !m_in_part)
		{
			break;
		}
		BOOST_OUTCOME_TRY(given, unpack(buffer.subspan(filled)));
		filled += given;
	}
	return filled;
}

result<std::size_t> packed_stream::unpack(std::span<char> const to)
{
	if (!m_unpacker)
	{
		auto const length = std::min(to.size(), m_packed.size());
		std::copy_n(m_packed.data(), length, to.data());
		m_packed = m_packed.subspan(length);
		return length;
	}
	auto done = m_unpacker->unpack(m_packed, to);
	if (!done)
	{
		return at_place(std::move(done).error());
	}
	auto const& step = done.value();
	m_packed = m_packed.subspan(step.taken);
	m_in_part = !step.part_ended;
	m_had_part = true;
	if (step.taken == 0 && step.given == 0 && m_in_part)
	{
		// there is always progress as long as there is more of the stream
		return at_place({fault::target, {}, "it is cut off"});
	}
	return step.given;
}

// There is one if anything is left: then it must begin as one does.
result<void> packed_stream::begin_part()
{
	constexpr std::size_t magic_bytes = 4;
	BOOST_OUTCOME_TRYV(fill(magic_bytes));
	if (m_packed.empty())
	{
		return success();
	}
	if (m_had_part && packing_of({m_packed.data(), m_packed.size()}) != m_packing)
	{
		return at_place({fault::target, {},
			fmt::format(
				"what is compressed by {} ends there, and something else follows", to_string(m_packing))});
	}
	m_in_part = true;
	return success();
}

error packed_stream::at_place(error e) const
{
	e.text = fmt::format("reading {} at {:#x}: {}", m_name, packed_read(), e.text);
	return e;
}

} // namespace rawswarm
