// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/file_claim.hpp"

#include "base/clean_text.hpp"
#include "base/parse_number.hpp"
#include "base/text.hpp"
#include "storage/device/loop_file.hpp"
#include "storage/device/sys_block.hpp"

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

using status = struct stat;

error claimed(std::string const& label, std::string const& by)
{
	return fail(fault::target, "opening {}: in use, {}", label, by);
}

bool is_same_file(status const& a, status const& b)
{
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Whether the process has the file open. The list of locks names a file by its number and a device, which is
// another one than stat(2) tells on btrfs and overlays.
bool has_open(fs::path const& process, status const& file)
{
	for (auto const& descriptor : entries(process / "fd"))
	{
		status opened = {};
		if (::stat(descriptor.c_str(), &opened) == 0 && is_same_file(opened, file))
		{
			return true;
		}
	}
	return false;
}

bool is_partition(fs::path const& sys_folder)
{
	return has_file(sys_folder / "partition");
}

// Partitions of one device have different writers; each keeps away those of the whole.
sharing sharing_of(block_device_id const device)
{
	return is_partition(sys_folder(device, {})) ? sharing::partitions : sharing::none;
}

// Why a file system has none for this descriptor: it knows none (ENOSYS, EOPNOTSUPP, EINVAL), its server
// grants none (ENOLCK), or they are those of fcntl(2), which want a descriptor for writing (EBADF: NFS, a
// folder or a file that is opened for reading).
bool has_no_locks(int const failed)
{
	return failed == ENOSYS || failed == EOPNOTSUPP || failed == EINVAL || failed == ENOLCK
		|| failed == EBADF;
}

// For writing where that is allowed: on NFS only then it can be locked against others.
unique_fd open_to_lock(std::string const& path)
{
	int const flags = O_NONBLOCK | O_CLOEXEC;
	unique_fd file(::open(path.c_str(), O_RDWR | flags));
	return file ? std::move(file) : unique_fd(::open(path.c_str(), O_RDONLY | flags));
}

std::string name_of(fs::path const& process)
{
	return fmt::format("being written by {} (process {})", printable(first_line(process / "comm")),
		process.filename().string());
}

} // namespace

// "1: FLOCK  ADVISORY  WRITE 1234 08:01:131 0 EOF"
std::optional<std::string> claim_on(status const& file, sharing const with_others, kernel_files const& files)
{
	std::ifstream list(files.proc + "/locks");
	for (std::string line; std::getline(list, line);)
	{
		auto const words = split_words(line);
		if (words.size() < 6 || words[1] != "FLOCK"
			|| (with_others == sharing::partitions && words[3] == "READ"))
		{
			continue;
		}
		auto const inode = words[5].substr(words[5].rfind(':') + 1);
		if (parse_number<std::uint64_t>(inode) != file.st_ino)
		{
			continue;
		}
		auto const process = fs::path(files.proc) / std::string(words[4]);
		if (has_open(process, file))
		{
			return words[4] == std::to_string(::getpid()) ? "a target of this job already" : name_of(process);
		}
	}
	return {};
}

result<void> claim_file(int const fd, std::string const& label, sharing const with_others)
{
	int const kind = with_others == sharing::none ? LOCK_EX : LOCK_SH;
	int failed = 0;
	do
	{
		failed = ::flock(fd, kind | LOCK_NB) == 0 ? 0 : errno;
	} while (failed == EINTR);
	if (failed == 0 || has_no_locks(failed))
	{
		return success();
	}
	if (failed != EWOULDBLOCK)
	{
		return fail(fault::target, system_error(failed), "claiming {}", label);
	}
	status file = {};
	(void)::fstat(fd, &file);
	return claimed(label, claim_on(file, with_others).value_or("another program has locked it"));
}

result<void> check_unclaimed(std::string const& label, std::string const& path)
{
	auto const parent = fs::path(path).parent_path();
	auto const folder = parent.empty() ? std::string(".") : parent.string();
	status file = {};
	// A node in /dev is locked by udev and others, for reasons of their own.
	if (::stat(path.c_str(), &file) == 0 && (S_ISREG(file.st_mode) || S_ISDIR(file.st_mode)))
	{
		if (auto const by = claim_on(file))
		{
			return claimed(label, *by);
		}
	}
	if (::stat(folder.c_str(), &file) == 0)
	{
		if (auto const by = claim_on(file))
		{
			return claimed(label, "in a folder that is " + *by);
		}
	}
	return success();
}

result<void> check_backing_file(block_device_id const device, std::string const& label)
{
	auto const behind = loop_file::behind(device);
	auto const file = behind ? behind->status() : std::nullopt;
	auto const by = file ? claim_on(*file, sharing_of(device)) : std::nullopt;
	return by ? result<void>(claimed(label, *by)) : success();
}

result<unique_fd> claim_backing_file(block_device_id const device, std::string const& label)
{
	auto const behind = loop_file::behind(device);
	if (!behind)
	{
		return unique_fd();
	}
	auto file = open_to_lock(behind->name());
	status found = {};
	if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode) || !behind->is(found))
	{
		return unique_fd();
	}
	BOOST_OUTCOME_TRYV(claim_file(file.get(), label, sharing_of(device)));
	return file;
}

} // namespace rawswarm
