// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/open_device.hpp"

#include "base/in_memory.hpp"
#include "storage/device/compressed_device.hpp"
#include "storage/device/device_checks.hpp"
#include "storage/device/file_claim.hpp"
#include "storage/device/file_device.hpp"
#include "storage/device/folder_device.hpp"

#include <cerrno>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using status = struct stat;

// Empty: the path does not exist. Links are followed; a dangling link is an error, because no file is ever
// created through one.
result<std::optional<status>> find(std::string const& path)
{
	status found = {};
	if (::stat(path.c_str(), &found) == 0)
	{
		BOOST_OUTCOME_TRYV(check_file_type(device_label(path), found.st_mode));
		return found;
	}
	int const reason = errno;
	if (reason != ENOENT || ::lstat(path.c_str(), &found) == 0)
	{
		return opening_failed(path, reason);
	}
	return std::optional<status>();
}

// The device that a path relative to /dev means: "vda", "disk/by-id/ata-X". Empty: none.
std::string device_meant(std::string const& path)
{
	auto device = "/dev/" + path;
	status found = {};
	bool const is_device = !path.empty() && path.front() != '/' && path.front() != '.'
		&& ::stat(device.c_str(), &found) == 0 && S_ISBLK(found.st_mode);
	return is_device ? device : std::string();
}

error no_such_path(std::string const& path)
{
	auto const meant = device_meant(path);
	return meant.empty() ? opening_failed(path, ENOENT)
						 : fail(fault::target, "opening {}: no such file; the device is {}", path, meant);
}

error busy(std::string const& label, block_device_id id)
{
	if (auto const use = device_use(id))
	{
		return fail(fault::target, "opening {}: in use, {}", label, *use);
	}
	if (auto const holder = device_holder(id))
	{
		return fail(fault::target, "opening {}: in use, {}", label, *holder);
	}
	return fail(fault::target, system_error(EBUSY), "opening {}: in use", label);
}

// Checks the descriptor itself, whatever /sys said before.
result<void> check_opened(int fd, std::string const& label, dev_t expected, std::uint64_t needed)
{
	status opened = {};
	int read_only = 0;
	std::uint64_t size = 0;
	if (::fstat(fd, &opened) != 0 || ::ioctl(fd, BLKROGET, &read_only) != 0
		|| ::ioctl(fd, BLKGETSIZE64, &size) != 0)
	{
		return opening_failed(label, errno);
	}
	if (!S_ISBLK(opened.st_mode) || opened.st_rdev != expected)
	{
		return fail(fault::target, "opening {}: it became another device meanwhile", label);
	}
	if (read_only != 0)
	{
		return fail(fault::target, "opening {}: read-only", label);
	}
	return check_device_size(label, size, needed);
}

// Claims the device and checks it. If it is opened for reading, the claim leaves no trace.
result<unique_fd> open_exclusive(
	std::string const& path, dev_t device, std::uint64_t needed, device_access access)
{
	auto const label = device_label(path);
	auto const id = block_device_id::of(device);
	BOOST_OUTCOME_TRYV(check_block_device(label, id, needed));
	BOOST_OUTCOME_TRYV(check_backing_file(id, label));
	int const mode = access == device_access::read_only ? O_RDONLY : O_RDWR;
	unique_fd fd(::open(path.c_str(), mode | O_EXCL | O_CLOEXEC));
	if (!fd)
	{
		return errno == EBUSY ? busy(label, id) : opening_failed(label, errno);
	}
	BOOST_OUTCOME_TRYV(check_opened(fd.get(), label, device, needed));
	return fd;
}

result<void> check_sectors_of(int const fd, std::string const& label, extent_map const& extents)
{
	int sector = 0;
	if (::ioctl(fd, BLKSSZGET, &sector) != 0 || sector <= 0)
	{
		return opening_failed(label, errno);
	}
	return check_sectors(label, static_cast<std::uint64_t>(sector), extents);
}

// Refuses a regular file among the devices, or on a root in memory: some tool left it that wrote to a missing
// device. It fills the memory.
result<void> check_existing_image(std::string const& path, status const& file)
{
	std::error_code ec;
	status dev = {};
	bool const among_devices = is_below_dev(std::filesystem::canonical(path, ec).string())
		&& ::stat("/dev", &dev) == 0 && dev.st_dev == file.st_dev;
	if (among_devices)
	{
		return fail(fault::target, "opening {}: a regular file and no device", device_label(path));
	}
	if (auto const loop = attached_loop(std::filesystem::canonical(path, ec).string()))
	{
		return fail(fault::target, "opening {}: in use, {}", device_label(path), *loop);
	}
	status root = {};
	if (is_in_memory("/") && ::stat("/", &root) == 0 && root.st_dev == file.st_dev)
	{
		return fail(fault::target, "opening {}: a file in memory and no device", device_label(path));
	}
	return success();
}

result<void> check_new_image(std::string const& path, missing_file const missing)
{
	if (is_below_dev(path))
	{
		return opening_failed(path, ENOENT);
	}
	if (missing == missing_file::refuse)
	{
		return fail(fault::target,
			"opening {}: no such device or file; a file is made only with \"create\": true (--create-file)",
			path);
	}
	if (is_in_memory("/"))
	{
		return fail(fault::target,
			"creating {}: no file is made on a machine whose root is in memory, as in an initramfs", path);
	}
	auto const folder = std::filesystem::path(path).parent_path();
	auto const name = folder.empty() ? std::string(".") : folder.string();
	if (::faccessat(AT_FDCWD, name.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
	{
		return fail(fault::target, system_error(errno), "creating {}", path);
	}
	return success();
}

// A file that has the name of a device is not taken for it: one of the two was not meant.
result<void> check_name(std::string const& path)
{
	auto const meant = device_meant(path);
	if (!meant.empty())
	{
		return fail(fault::target, "opening {}: the name of a file here; the device is {}, the file ./{}",
			path, meant, path);
	}
	return success();
}

result<void> check_image(
	std::string const& path, std::optional<status> const& existing, missing_file const missing)
{
	BOOST_OUTCOME_TRYV(check_name(path));
	BOOST_OUTCOME_TRYV(check_unclaimed(device_label(path), path));
	if (!existing)
	{
		return check_new_image(path, missing);
	}
	BOOST_OUTCOME_TRYV(check_existing_image(path, *existing));
	if (::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) != 0)
	{
		return opening_failed(device_label(path), errno);
	}
	return success();
}

bool is_type(std::optional<status> const& file, mode_t type)
{
	return file && (file->st_mode & S_IFMT) == type;
}

} // namespace

// The smallest sectors that there are. No file system has smaller blocks; extents that are smaller belong to
// no file system, as in tests, and do no harm.
constexpr std::uint64_t smallest_sector = 512;

// If an extent begins or ends inside a sector, and no other one continues it there, the blocks of the image's
// file system are smaller than the device's sectors, and it could not be mounted. The end of the last extent
// is exempt.
result<void> check_sectors(std::string const& label, std::uint64_t const sector, extent_map const& extents)
{
	if (sector <= smallest_sector)
	{
		return success();
	}
	auto const all = extents.extents();
	for (std::size_t i = 0; i < all.size(); ++i)
	{
		bool const goes_on = i > 0 && all[i - 1].offset + all[i - 1].length == all[i].offset;
		auto const begin = all[i].offset.bytes;
		auto const end = begin + all[i].length;
		bool const next_goes_on = i + 1 < all.size() && all[i + 1].offset.bytes == end;
		bool const is_last = i + 1 == all.size();
		if ((begin % sector != 0 && !goes_on) || (end % sector != 0 && !next_goes_on && !is_last))
		{
			return fail(fault::target,
				"opening {}: its sectors have {} bytes, which does not fit the torrent's extent from {:#x} "
				"to {:#x}",
				label, sector, begin, end);
		}
	}
	return success();
}

result<std::unique_ptr<block_device>> open_source(std::string const& path)
{
	BOOST_OUTCOME_TRY(found, find(path));
	if (!found)
	{
		return no_such_path(path);
	}
	if (is_type(found, S_IFDIR))
	{
		BOOST_OUTCOME_TRY(folder, folder_device::open(path));
		return std::unique_ptr<block_device>(std::move(folder));
	}
	BOOST_OUTCOME_TRY(file, file_device::open(path, device_access::read_only));
	return std::unique_ptr<block_device>(std::move(file));
}

result<std::unique_ptr<block_device>> open_source(
	std::string const& path, extent_map const& extents, std::uint64_t const payload)
{
	BOOST_OUTCOME_TRY(content, compressed_device::examine(path));
	if (content == compressed_device::content::seekable)
	{
		BOOST_OUTCOME_TRY(image, compressed_device::open(path, extents, payload));
		return std::unique_ptr<block_device>(std::move(image));
	}
	BOOST_OUTCOME_TRY(source, open_source(path));
	// A disk may begin with any bytes. What is too short besides is no disk.
	if (content == compressed_device::content::frames && source->size() < extents.end().bytes)
	{
		return fail(fault::target,
			"opening {}: compressed by zstd, without a seek table: cut off, or not made by rawswarm create "
			"--compress",
			path);
	}
	return std::move(source);
}

result<void> check_target(std::string const& path, extent_map const& extents, missing_file const missing,
	std::optional<std::uint64_t> const room)
{
	BOOST_OUTCOME_TRY(found, find(path));
	if (is_type(found, S_IFDIR))
	{
		return folder_device::check(path, extents);
	}
	if (is_type(found, S_IFBLK))
	{
		BOOST_OUTCOME_TRY(fd,
			open_exclusive(
				path, found->st_rdev, room.value_or(extents.end().bytes), device_access::read_only));
		return check_sectors_of(fd.get(), device_label(path), extents);
	}
	return check_image(path, found, missing);
}

result<void> check_device(std::string const& path)
{
	BOOST_OUTCOME_TRY(found, find(path));
	if (!found)
	{
		return no_such_path(path);
	}
	if (!is_type(found, S_IFBLK))
	{
		return fail(fault::target, "opening {}: not a block device", device_label(path));
	}
	BOOST_OUTCOME_TRYV(open_exclusive(path, found->st_rdev, 0, device_access::read_only));
	return success();
}

result<std::unique_ptr<block_device>> open_image_target(
	std::string const& path, std::uint64_t const size, direct_writes const direct)
{
	BOOST_OUTCOME_TRY(image, file_device::open_image(path, size));
	if (direct == direct_writes::always)
	{
		image->write_directly();
	}
	return std::unique_ptr<block_device>(std::move(image));
}

result<std::unique_ptr<block_device>> open_target(std::string const& path, extent_map const& extents,
	std::vector<std::string> const& file_names, direct_writes const direct, missing_file const missing,
	std::optional<std::uint64_t> const room)
{
	BOOST_OUTCOME_TRY(found, find(path));
	if (is_type(found, S_IFDIR))
	{
		BOOST_OUTCOME_TRY(folder, folder_device::create(path, extents, file_names));
		return std::unique_ptr<block_device>(std::move(folder));
	}
	if (is_type(found, S_IFBLK))
	{
		BOOST_OUTCOME_TRY(fd,
			open_exclusive(
				path, found->st_rdev, room.value_or(extents.end().bytes), device_access::read_write));
		BOOST_OUTCOME_TRYV(check_sectors_of(fd.get(), device_label(path), extents));
		BOOST_OUTCOME_TRY(claim, claim_backing_file(block_device_id::of(found->st_rdev), device_label(path)));
		BOOST_OUTCOME_TRY(device, file_device::adopt(std::move(fd), path));
		device->hold(std::move(claim));
		if (direct != direct_writes::never)
		{
			device->write_directly();
		}
		return std::unique_ptr<block_device>(std::move(device));
	}
	BOOST_OUTCOME_TRYV(check_image(path, found, missing));
	return open_image_target(path, extents.end().bytes, direct);
}

} // namespace rawswarm
