// SPDX-License-Identifier: BSD-3-Clause
#define FUSE_USE_VERSION 35

#include "tests/support/device/fuse_folder.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <fcntl.h>
#include <fuse.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

// The child's, because FUSE callbacks take no argument of ours.
struct served_folder
{
	std::string below;
	int flock_errno = 0;
};
served_folder served; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

std::string place(char const* const path)
{
	return served.below + path;
}

int answer(int const returned)
{
	return returned < 0 ? -errno : returned;
}

int get_attributes(char const* const path, struct stat* const out, fuse_file_info*)
{
	return answer(::lstat(place(path).c_str(), out));
}

int create_file(char const* const path, mode_t const mode, fuse_file_info* const info)
{
	int const fd = ::open(place(path).c_str(), O_CREAT | O_CLOEXEC | info->flags, mode);
	info->fh = fd < 0 ? 0 : static_cast<std::uint64_t>(fd);
	return fd < 0 ? -errno : 0;
}

int open_file(char const* const path, fuse_file_info* const info)
{
	int const fd = ::open(place(path).c_str(), (info->flags & ~O_CREAT) | O_CLOEXEC);
	info->fh = fd < 0 ? 0 : static_cast<std::uint64_t>(fd);
	return fd < 0 ? -errno : 0;
}

int release_file(char const*, fuse_file_info* const info)
{
	return answer(::close(static_cast<int>(info->fh)));
}

int read_file_at(char const*, char* const out, std::size_t length, off_t const at, fuse_file_info* const info)
{
	return answer(static_cast<int>(::pread(static_cast<int>(info->fh), out, length, at)));
}

int write_file_at(
	char const*, char const* const in, std::size_t length, off_t const at, fuse_file_info* const info)
{
	return answer(static_cast<int>(::pwrite(static_cast<int>(info->fh), in, length, at)));
}

int truncate_file(char const* const path, off_t const length, fuse_file_info*)
{
	return answer(::truncate(place(path).c_str(), length));
}

int link_file(char const* const from, char const* const to)
{
	return answer(::link(place(from).c_str(), place(to).c_str()));
}

int unlink_file(char const* const path)
{
	return answer(::unlink(place(path).c_str()));
}

int rename_file(char const* const from, char const* const to, unsigned const flags)
{
	return flags != 0 ? -EINVAL : answer(std::rename(place(from).c_str(), place(to).c_str()));
}

int lock_file(char const*, fuse_file_info*, int)
{
	return -served.flock_errno;
}

int sync_anything(char const*, int, fuse_file_info*)
{
	return 0;
}

void set_up(fuse_operations& operations)
{
	operations.getattr = get_attributes;
	operations.create = create_file;
	operations.open = open_file;
	operations.release = release_file;
	operations.read = read_file_at;
	operations.write = write_file_at;
	operations.truncate = truncate_file;
	operations.link = link_file;
	operations.unlink = unlink_file;
	operations.rename = rename_file;
	operations.fsync = sync_anything;
	operations.fsyncdir = sync_anything;
	if (served.flock_errno != 0)
	{
		operations.flock = lock_file;
	}
}

} // namespace

fuse_folder::fuse_folder(int const flock_errno)
	: m_process(m_mount.path().string(), [this, flock_errno](fuse_operations& operations) {
		served = {m_below.path().string(), flock_errno};
		set_up(operations);
	})
{}

} // namespace rawswarm::test
