// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/file_device.hpp"

#include "base/bytes.hpp"
#include "storage/device/device_checks.hpp"
#include "storage/device/exact_io.hpp"
#include "storage/device/file_claim.hpp"
#include "storage/device/page_buffer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr mode_t image_mode = 0644;

// The length of one BLKZEROOUT, which cannot be interrupted, and which writes zeros if the device has no such
// command: bounds how long one call blocks and how far an error's offset can be off. Initial value, not
// measured.
constexpr std::uint64_t zero_step = 256_MiB;

constexpr std::uint64_t page = page_buffer::page;

// Of the page cache of this kernel: 16 and 64 KiB on some ARM machines.
std::uint64_t kernel_page()
{
	auto const bytes = ::sysconf(_SC_PAGESIZE);
	return bytes > 0 ? std::max(page, static_cast<std::uint64_t>(bytes)) : page;
}

bool is_whole_pages(device_offset offset, std::span<iovec const> buffers)
{
	return offset.bytes % page == 0 && std::ranges::all_of(buffers, [](iovec const& b) {
		return reinterpret_cast<std::uintptr_t>(b.iov_base) % page == 0 && b.iov_len % page == 0;
	});
}

// Repeats an interrupted call. 0, or the errno.
template <class Call>
int uninterrupted(Call const& call)
{
	int failed = 0;
	do
	{
		failed = call() == 0 ? 0 : errno;
	} while (failed == EINTR);
	return failed;
}

bool unsupported(int err)
{
	return err == EOPNOTSUPP || err == ENOSYS || err == ENOTTY || err == EINVAL;
}

result<unique_fd> open_file(std::string const& path, int flags)
{
	unique_fd fd(::open(path.c_str(), flags | O_CLOEXEC, image_mode));
	if (!fd)
	{
		return opening_failed(path, errno);
	}
	return fd;
}

result<std::uint64_t> block_device_size(int fd, std::string const& path)
{
	std::uint64_t size = 0;
	if (::ioctl(fd, BLKGETSIZE64, &size) != 0)
	{
		return fail(fault::target, system_error(errno), "asking {} for its size", path);
	}
	return size;
}

result<void> sync_file(int fd, std::string const& path, device_calls& calls)
{
	auto const synced = [fd, &calls] {
		device_calls::count(calls.fsync);
		return ::fsync(fd);
	};
	if (int const err = uninterrupted(synced); err != 0)
	{
		return fail(fault::device, system_error(err), "syncing {}", path);
	}
	return success();
}

// Makes the folder's entry of a new file durable.
result<void> sync_folder_of(std::string const& path, device_calls& calls)
{
	auto const folder = std::filesystem::path(path).parent_path();
	auto const name = folder.empty() ? std::string(".") : folder.string();
	unique_fd const fd(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!fd)
	{
		return fail(fault::device, system_error(errno), "syncing {}", name);
	}
	return sync_file(fd.get(), name, calls);
}

} // namespace

file_device::file_device(unique_fd fd, std::string path, file_kind kind, std::uint64_t size)
	: m_fd(std::move(fd))
	, m_path(std::move(path))
	, m_kind(kind)
	, m_size(size)
{}

result<std::unique_ptr<file_device>> file_device::adopt(unique_fd fd, std::string path)
{
	struct stat status = {};
	if (::fstat(fd.get(), &status) != 0)
	{
		return opening_failed(path, errno);
	}
	auto kind = file_kind::regular;
	auto size = static_cast<std::uint64_t>(status.st_size);
	if (S_ISBLK(status.st_mode))
	{
		kind = file_kind::block;
		BOOST_OUTCOME_TRY(device_size, block_device_size(fd.get(), path));
		size = device_size;
	}
	else if (!S_ISREG(status.st_mode))
	{
		return fail(fault::target, "opening {}: neither a block device nor a regular file", path);
	}
	return std::unique_ptr<file_device>(new file_device(std::move(fd), std::move(path), kind, size));
}

result<std::unique_ptr<file_device>> file_device::open(std::string const& path, device_access access)
{
	// O_NONBLOCK: a fifo is to be refused, not waited for.
	int const flags = (access == device_access::read_only ? O_RDONLY : O_RDWR) | O_NONBLOCK;
	BOOST_OUTCOME_TRY(fd, open_file(path, flags));
	return adopt(std::move(fd), path);
}

result<std::unique_ptr<file_device>> file_device::open_image(std::string const& path, std::uint64_t size)
{
	// O_EXCL tells a new file from an old one, and never creates the target of a link.
	bool created = true;
	auto fd = open_file(path, O_RDWR | O_CREAT | O_EXCL);
	if (!fd && fd.error().ec == std::errc::file_exists)
	{
		created = false;
		fd = open_file(path, O_RDWR | O_NONBLOCK);
	}
	BOOST_OUTCOME_TRYV(fd);
	BOOST_OUTCOME_TRY(device, adopt(std::move(fd).value(), path));
	if (device->m_kind != file_kind::regular)
	{
		return fail(fault::target, "opening {}: not a regular file", path);
	}
	BOOST_OUTCOME_TRYV(claim_file(device->m_fd.get(), device_label(path)));
	{
		mutex_lock const l(device->m_sync_mutex);
		device->m_created = created;
	}
	auto extended = device->extend(size);
	if (!extended)
	{
		if (created)
		{
			::unlink(path.c_str());
		}
		return std::move(extended).error();
	}
	return std::move(device);
}

// Offset, length and memory of a direct transfer must be multiples of this. 0: the device has no direct
// transfers.
std::uint64_t file_device::direct_unit() const
{
	if (m_kind == file_kind::block)
	{
		int sector_size = 0;
		return ::ioctl(m_fd.get(), BLKSSZGET, &sector_size) == 0 && sector_size > 0
			? static_cast<std::uint64_t>(sector_size)
			: 0;
	}
	struct statx status = {};
	bool const told = ::statx(m_fd.get(), "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) == 0
		&& (status.stx_mask & STATX_DIOALIGN) != 0;
	// an older kernel, or a file system that does not tell: opening the file will show it
	return told ? std::max(status.stx_dio_offset_align, status.stx_dio_mem_align) : page;
}

void file_device::write_directly()
{
	if (auto const unit = direct_unit(); unit != 0 && page % unit == 0)
	{
		// by descriptor: the path may lead elsewhere by now
		auto const self = fmt::format("/proc/self/fd/{}", m_fd.get());
		m_direct = unique_fd(::open(self.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC));
	}
}

result<void> file_device::extend(std::uint64_t size)
{
	if (m_size >= size)
	{
		return success();
	}
	auto const extended = [&] { return ::ftruncate(m_fd.get(), static_cast<off_t>(size)); };
	if (int const err = uninterrupted(extended); err != 0)
	{
		return fail(fault::target, system_error(err), "extending {} to {} bytes", m_path, size);
	}
	m_size = size;
	return success();
}

result<void> file_device::check_range(char const* action, device_offset offset, std::uint64_t length) const
{
	if (offset.bytes <= m_size && length <= m_size - offset.bytes)
	{
		return success();
	}
	return error{fault::device, system_error(EINVAL),
		fmt::format("{} {} at {:#x}: length {} goes past the end at {:#x}", action, m_path, offset.bytes,
			length, m_size)};
}

result<void> file_device::read(device_offset offset, std::span<iovec const> buffers)
{
	BOOST_OUTCOME_TRYV(check_range("reading", offset, total_length(buffers)));
	return read_exactly(m_fd.get(), m_path, offset, buffers, m_calls.get());
}

result<void> file_device::write(device_offset offset, std::span<iovec const> buffers)
{
	auto written = check_range("writing", offset, total_length(buffers));
	if (written)
	{
		written = writes_directly() && is_whole_pages(offset, buffers)
			? write_whole_pages(offset, buffers)
			: write_exactly(m_fd.get(), m_path, offset, buffers, m_calls.get());
	}
	return written ? std::move(written) : m_failed.keep(std::move(written).error());
}

// A refused call wrote nothing at its offset; the bytes before it are written once more, and are the same.
result<void> file_device::write_whole_pages(device_offset offset, std::span<iovec const> buffers)
{
	auto written = write_exactly(m_direct.get(), m_path, offset, buffers, m_calls.get());
	if (written || m_kind == file_kind::block || written.error().ec != std::errc::invalid_argument)
	{
		return written;
	}
	m_direct_works.store(false, std::memory_order_relaxed);
	return write_exactly(m_fd.get(), m_path, offset, buffers, m_calls.get());
}

result<void> file_device::zero(device_offset offset, std::uint64_t length)
{
	auto zeroed = check_range("zeroing", offset, length);
	if (zeroed && length > 0)
	{
		zeroed = m_kind == file_kind::block ? zero_block_device(offset, length)
											: zero_regular_file(offset, length);
	}
	return zeroed ? std::move(zeroed) : m_failed.keep(std::move(zeroed).error());
}

// By the command only whole pages, which nobody else writes: the command bypasses the page cache, and the
// kernel keeps the two apart since Linux 6.15 alone (block/ioctl.c, blk_ioctl_zeroout(): it takes the inode's
// lock since "block: fix race between set_blocksize and read paths"). Before, it drops the cached pages of
// the range (truncate_bdev_range()) and then writes zeros, while a write of another part of a page may bring
// the page in again as it was, and have all of it written back later: over the zeros. So the parts of pages
// at both ends, which extents may share, are zeroed through the cache like any write to those pages.
result<void> file_device::zero_block_device(device_offset offset, std::uint64_t length)
{
	int sector_size = 0;
	if (::ioctl(m_fd.get(), BLKSSZGET, &sector_size) != 0 || sector_size <= 0)
	{
		return fail(fault::device, system_error(errno), "asking {} for its sector size", m_path);
	}
	auto const unit = std::max(static_cast<std::uint64_t>(sector_size), kernel_page());
	device_offset const end = offset + length;
	device_offset const first{std::min((offset.bytes + unit - 1) / unit * unit, end.bytes)};
	device_offset const last{std::max(end.bytes / unit * unit, first.bytes)};

	BOOST_OUTCOME_TRYV(write_zeros(m_fd.get(), m_path, offset, first - offset, m_calls.get()));
	for (auto at = first; at < last;)
	{
		auto const step = std::min(zero_step, last - at);
		BOOST_OUTCOME_TRYV(zero_pages(at, step));
		at = at + step;
	}
	return write_zeros(m_fd.get(), m_path, last, end - last, m_calls.get());
}

// Who read the range meanwhile may have brought old bytes into the cache, where kernels before 5.16 leave
// them (they take no invalidate_lock: "block: Hold invalidate_lock in BLKZEROOUT ioctl"). They are clean, as
// nobody writes these pages, and are dropped; one that is being read at this moment stays.
result<void> file_device::zero_pages(device_offset const offset, std::uint64_t const length)
{
	std::array<std::uint64_t, 2> range{offset.bytes, length};
	auto const zeroed = [&] {
		device_calls::count(m_calls->blkzeroout);
		return ::ioctl(m_fd.get(), BLKZEROOUT, range.data());
	};
	int const err = uninterrupted(zeroed);
	if (unsupported(err))
	{
		return write_zeros(m_fd.get(), m_path, offset, length, m_calls.get());
	}
	if (err != 0)
	{
		return fail(fault::device, system_error(err), "zeroing {} at {:#x}", m_path, offset.bytes);
	}
	return drop_cached(offset, length);
}

result<void> file_device::zero_regular_file(device_offset offset, std::uint64_t length)
{
	for (int const how :
		{FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE})
	{
		auto const zeroed = [&] {
			device_calls::count(m_calls->fallocate);
			return ::fallocate(m_fd.get(), how, static_cast<off_t>(offset.bytes), static_cast<off_t>(length));
		};
		int const err = uninterrupted(zeroed);
		if (err == 0)
		{
			return success();
		}
		if (!unsupported(err))
		{
			return fail(fault::device, system_error(err), "zeroing {} at {:#x}", m_path, offset.bytes);
		}
	}
	return write_zeros(m_fd.get(), m_path, offset, length, m_calls.get());
}

// One at a time: the kernel reports a lost write to only one of two concurrent fsyncs, and the other one must
// not report success before the first has stored its error.
result<void> file_device::sync()
{
	mutex_lock const l(m_sync_mutex);
	BOOST_OUTCOME_TRYV(m_failed.check());
	auto synced = sync_file(m_fd.get(), m_path, *m_calls);
	if (synced && m_created)
	{
		synced = sync_folder_of(m_path, *m_calls);
	}
	if (!synced)
	{
		return m_failed.keep(std::move(synced).error());
	}
	m_created = false;
	return m_failed.check();
}

} // namespace rawswarm
