#define FUSE_USE_VERSION 35

#include "tests/bench/disk/seek_disk.hpp"

#include "tests/support/throw_errno.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
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

namespace rawswarm::bench
{

struct seek_disk::shared_state
{
	seek_disk_options options;
	std::atomic<bool> slow{false};
	std::atomic<std::int64_t> requests{0};
	std::atomic<std::int64_t> reads{0};
	std::atomic<std::int64_t> seeks{0};
	std::atomic<std::int64_t> bytes{0};
};

namespace
{

using clock = std::chrono::steady_clock;

// Of the child, whose FUSE callbacks take no argument of ours.
struct served_disk
{
	seek_disk::shared_state* shared = nullptr;
	char* content = nullptr;
	std::uint64_t head = 0;
	clock::time_point free_at; // when the arm has done what it was asked for
};
served_disk served; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

constexpr std::size_t largest_request = 1024 * 1024;

// copying: how long it took to move the bytes here. A disk's arm moves meanwhile, and the bytes were copied
// once before, out of the kernel.
void spend_time(std::uint64_t const offset, std::size_t const length, clock::duration const copying)
{
	auto& s = *served.shared;
	bool const seeks = offset != served.head;
	served.head = offset + length;
	if (!s.slow.load(std::memory_order_relaxed))
	{
		return;
	}
	++s.requests;
	s.seeks += seeks;
	s.bytes += static_cast<std::int64_t>(length);
	auto const transfer = std::chrono::duration<double>(double(length) / s.options.bytes_per_second);
	served.free_at = std::max(served.free_at, clock::now() - 2 * copying)
		+ std::chrono::duration_cast<clock::duration>(transfer)
		+ (seeks ? clock::duration(s.options.seek) : clock::duration::zero());
	std::this_thread::sleep_until(served.free_at);
}

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
	out->st_size = static_cast<off_t>(served.shared->options.size);
	return std::strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

int open_file(char const*, fuse_file_info* const info)
{
	info->direct_io = 1; // the page cache that counts is the block device's, above
	return 0;
}

std::size_t length_inside(std::size_t const length, off_t const offset)
{
	auto const at = static_cast<std::uint64_t>(offset);
	auto const size = served.shared->options.size;
	return at >= size ? 0 : std::min<std::size_t>(length, size - at);
}

int read_file(char const*, char* const out, std::size_t length, off_t const offset, fuse_file_info*)
{
	length = length_inside(length, offset);
	auto const start = clock::now();
	std::memcpy(out, served.content + offset, length);
	spend_time(static_cast<std::uint64_t>(offset), length, clock::now() - start);
	return static_cast<int>(length);
}

int write_file(char const*, char const* const in, std::size_t length, off_t const offset, fuse_file_info*)
{
	length = length_inside(length, offset);
	auto const start = clock::now();
	std::memcpy(served.content + offset, in, length);
	spend_time(static_cast<std::uint64_t>(offset), length, clock::now() - start);
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
	config->kernel_cache = 0;
	config->direct_io = 1;
	return nullptr;
}

// Whoever is last in a mount namespace unmounts what is in it. If that were this process, when the bench is
// killed, it would wait for a file system to be written to the disk that nobody serves any more. Nothing lies
// above this one yet: nobody can open its file before it is served.
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
	char name[] = "seek_disk"; // NOLINT(modernize-avoid-c-arrays): argv
	char* argv[] = {name, nullptr}; // NOLINT(modernize-avoid-c-arrays)
	fuse_args args{1, argv, 0};
	auto* const fuse = ::fuse_new(&args, &operations, sizeof(operations), nullptr);
	if (!fuse || ::fuse_mount(fuse, mount_point.c_str()) != 0)
	{
		::_exit(1);
	}
	leave_the_namespace(mount_point);
	::fuse_loop(fuse); // one request at a time, as one arm does
	::fuse_unmount(fuse);
	::fuse_destroy(fuse);
	::_exit(0);
}

void* shared_memory(std::size_t const bytes)
{
	auto const flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
	void* const p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (p == MAP_FAILED)
	{
		test::throw_errno("memory for a disk");
	}
	return p;
}

} // namespace

seek_disk::seek_disk(seek_disk_options const& options)
	: m_shared(new (shared_memory(sizeof(shared_state))) shared_state)
	, m_content(static_cast<char*>(shared_memory(options.size)))
	, m_size(options.size)
{
	m_shared->options = options;
	std::memset(m_content, 0, options.size); // no page is to be found when time counts
	m_child = ::fork();
	if (m_child == 0)
	{
		served = {m_shared, m_content, 0, {}};
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

seek_disk::~seek_disk()
{
	::umount2(m_dir.path().c_str(), MNT_DETACH);
	if (m_child > 0)
	{
		::kill(m_child, SIGTERM);
		::waitpid(m_child, nullptr, 0);
	}
	::munmap(m_content, m_size);
	::munmap(m_shared, sizeof(shared_state));
}

seek_disk_counts seek_disk::counts() const
{
	auto const& s = *m_shared;
	double const seek_seconds = std::chrono::duration<double>(s.options.seek).count();
	return {s.requests, s.reads, s.seeks, s.bytes,
		double(s.seeks) * seek_seconds + double(s.bytes) / s.options.bytes_per_second};
}

void seek_disk::set_slow(bool const slow)
{
	m_shared->slow = slow;
}

} // namespace rawswarm::bench
