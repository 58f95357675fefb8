// SPDX-License-Identifier: BSD-3-Clause
#include "agent/create/source_watch.hpp"

#include "base/format_size.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "storage/device/sys_block.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

std::int64_t nanoseconds(timespec const& t)
{
	constexpr std::int64_t second = 1'000'000'000;
	return t.tv_sec * second + t.tv_nsec;
}

// The seventh number of the file; 0 if the kernel does not say.
std::uint64_t sectors_written(block_device_id const device, kernel_files const& files)
{
	constexpr std::size_t position = 6;
	auto const line = first_line(sys_folder(device, files) / "stat");
	auto const words = split_words(line);
	return words.size() > position ? parse_number<std::uint64_t>(words[position]).value_or(0) : 0;
}

} // namespace

source_watch::source_watch(std::string path, kernel_files files, state const& before)
	: m_path(std::move(path))
	, m_files(std::move(files))
	, m_before(before)
{}

result<source_watch> source_watch::begin(std::string const& path, kernel_files const& files)
{
	BOOST_OUTCOME_TRY(before, look_at(path, files));
	return source_watch(path, files, before);
}

result<source_watch::state> source_watch::look_at(std::string const& path, kernel_files const& files)
{
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
	struct stat status = {};
	if (!fd || ::fstat(fd.get(), &status) != 0)
	{
		return fail(fault::target, system_error(errno), "opening {}", path);
	}
	state s;
	s.is_device = S_ISBLK(status.st_mode);
	if (s.is_device)
	{
		::fsync(fd.get()); // what is in the page cache was written before; an error of others is theirs
		s.sectors_written = sectors_written(block_device_id::of(status.st_rdev), files);
	}
	else if (S_ISREG(status.st_mode))
	{
		s.modified_ns = nanoseconds(status.st_mtim);
		s.changed_ns = nanoseconds(status.st_ctim);
		s.size = status.st_size;
	}
	return s;
}

result<std::string> source_watch::changes() const
{
	BOOST_OUTCOME_TRY(now, look_at(m_path, m_files));
	if (now == m_before)
	{
		return std::string();
	}
	if (!now.is_device || now.sectors_written <= m_before.sectors_written)
	{
		return std::string("it was changed");
	}
	auto const bytes = (now.sectors_written - m_before.sectors_written) * sys_sector;
	return fmt::format("{} were written to it", format_size(static_cast<std::int64_t>(bytes)));
}

} // namespace rawswarm
