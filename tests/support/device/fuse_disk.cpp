// SPDX-License-Identifier: BSD-3-Clause
#define FUSE_USE_VERSION 35

#include "tests/support/device/fuse_disk.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <fuse.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

using clock = std::chrono::steady_clock;

// The child's, because FUSE callbacks take no argument of ours.
struct served_disk
{
	fuse_behaviour* behaviour = nullptr;
	char* content = nullptr;
	std::uint64_t size = 0;
};
served_disk served; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

constexpr std::size_t largest_request = 1024 * 1024;

int get_attributes(char const* const path, struct stat* const out, fuse_file_info*)
{
	*out = {};
	if (std::strcmp(path, "/") == 0)
	{
		out->st_mode = S_IFDIR | 0755;
		out->st_nlink = 2;
		return 0;
	}
	out->st_mode = S_IFREG | 0600;
	out->st_nlink = 1;
	out->st_size = static_cast<off_t>(served.size);
	return std::strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

int open_file(char const*, fuse_file_info* const info)
{
	info->direct_io = served.behaviour->cached ? 0 : 1;
	info->keep_cache = served.behaviour->cached ? 1 : 0;
	return 0;
}

std::size_t length_inside(std::size_t const length, off_t const offset)
{
	auto const at = static_cast<std::uint64_t>(offset);
	auto const size = served.size;
	return at >= size ? 0 : std::min<std::size_t>(length, size - at);
}

int read_file(char const*, char* const out, std::size_t length, off_t const offset, fuse_file_info*)
{
	length = length_inside(length, offset);
	if (!served.behaviour->can_read(static_cast<std::uint64_t>(offset), length))
	{
		return -EIO;
	}
	auto const start = clock::now();
	std::memcpy(out, served.content + offset, length);
	served.behaviour->on_request(static_cast<std::uint64_t>(offset), length, clock::now() - start);
	return static_cast<int>(length);
}

int write_file(char const*, char const* const in, std::size_t length, off_t const offset, fuse_file_info*)
{
	length = length_inside(length, offset);
	auto const start = clock::now();
	std::memcpy(served.content + offset, in, length);
	served.behaviour->on_written(static_cast<std::uint64_t>(offset), {served.content + offset, length});
	served.behaviour->on_request(static_cast<std::uint64_t>(offset), length, clock::now() - start);
	return length == 0 ? -ENOSPC : static_cast<int>(length);
}

int sync_file(char const*, int, fuse_file_info*)
{
	return 0;
}

void* start(fuse_conn_info* const connection, fuse_config* const config)
{
	connection->max_write = largest_request;
	connection->max_readahead = 0;
	config->kernel_cache = served.behaviour->cached ? 1 : 0;
	config->direct_io = served.behaviour->cached ? 0 : 1;
	return nullptr;
}

// The last process of a mount namespace unmounts everything in it. If that were this one, after its parent
// was killed, it would wait for a file system that is to be written back to this disk, which nobody serves
// any more. There is none yet: the file cannot be opened before it is served.
void leave_the_namespace(std::string const& mount_point)
{
	if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
		|| ::umount2(mount_point.c_str(), MNT_DETACH) != 0)
	{
		::_exit(1);
	}
}

[[noreturn]] void serve(std::string const& mount_point)
{
	::prctl(PR_SET_PDEATHSIG, SIGKILL);
	fuse_operations operations{};
	operations.getattr = get_attributes;
	operations.open = open_file;
	operations.read = read_file;
	operations.write = write_file;
	operations.fsync = sync_file;
	operations.init = start;
	std::string name("fuse_disk");
	std::array<char*, 2> argv{name.data(), nullptr};
	fuse_args args{1, argv.data(), 0};
	auto* const fuse = ::fuse_new(&args, &operations, sizeof(operations), nullptr);
	if (!fuse || ::fuse_mount(fuse, mount_point.c_str()) != 0)
	{
		::_exit(1);
	}
	leave_the_namespace(mount_point);
	::fuse_loop(fuse); // one request at a time, as a rotational disk
	::fuse_unmount(fuse);
	::fuse_destroy(fuse);
	::_exit(0);
}

} // namespace

void* shared_memory(std::size_t const bytes)
{
	auto const flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
	void* const p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (p == MAP_FAILED)
	{
		throw_errno("memory for a disk");
	}
	return p;
}

bool fuse_available()
{
	return ::geteuid() == 0 && ::access("/dev/fuse", R_OK | W_OK) == 0;
}

fuse_disk::fuse_disk(std::uint64_t const size, fuse_behaviour& behaviour)
	: m_content(static_cast<char*>(shared_memory(size)))
	, m_size(size)
	, m_child(::fork()) // last: the child uses the others
{
	if (m_child == 0)
	{
		served = {&behaviour, m_content, size};
		serve(m_dir.path().string());
	}
	for (struct stat found = {}; ::stat(file().c_str(), &found) != 0;)
	{
		if (::waitpid(m_child, nullptr, WNOHANG) != 0)
		{
			m_child = -1;
			throw std::runtime_error("mounting a FUSE file system failed");
		}
		std::this_thread::sleep_for(std::chrono::milliseconds(2));
	}
}

fuse_disk::~fuse_disk()
{
	::umount2(m_dir.path().c_str(), MNT_DETACH);
	if (m_child > 0)
	{
		::kill(m_child, SIGTERM);
		::waitpid(m_child, nullptr, 0);
	}
	::munmap(m_content, m_size);
}

void fuse_disk::fill()
{
	std::memset(m_content, 0, m_size);
}

} // namespace rawswarm::test
