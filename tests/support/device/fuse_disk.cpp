// SPDX-License-Identifier: BSD-3-Clause
#define FUSE_USE_VERSION 35

#include "tests/support/device/fuse_disk.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fuse.h>
#include <sys/mman.h>
#include <sys/stat.h>

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

void set_up(fuse_operations& operations)
{
	operations.getattr = get_attributes;
	operations.open = open_file;
	operations.read = read_file;
	operations.write = write_file;
	operations.fsync = sync_file;
	operations.init = start;
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

fuse_disk::fuse_disk(std::uint64_t const size, fuse_behaviour& behaviour)
	: m_content(static_cast<char*>(shared_memory(size)))
	, m_size(size)
	, m_process(m_dir.path().string(), [this, &behaviour](fuse_operations& operations) {
		served = {&behaviour, m_content, m_size};
		set_up(operations);
	})
{}

fuse_disk::~fuse_disk()
{
	::munmap(m_content, m_size); // the child has its own
}

void fuse_disk::fill()
{
	std::memset(m_content, 0, m_size);
}

} // namespace rawswarm::test
