// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/landed_files.hpp"

#include "agent/job/own_mount.hpp"
#include "agent/machine/kernel_partitions.hpp"
#include "agent/source_map/disk_layout.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <cerrno>
#include <map>
#include <memory>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr char const* temporary_name = ".rawswarm-new";

// Inside the root whatever links say (openat2(2)).
unique_fd open_inside(int const root, std::string const& path, std::uint64_t const flags)
{
	open_how how = {};
	how.flags = flags | O_CLOEXEC;
	how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
	return unique_fd(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
}

std::pair<std::string, std::string> folder_and_name(std::string const& path)
{
	auto const slash = path.rfind('/');
	return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

// The folder, made where it is missing.
result<unique_fd> open_folder(int const root, std::string const& folder)
{
	unique_fd at = open_inside(root, "/", O_PATH | O_DIRECTORY);
	std::string path;
	for (auto const part : split(folder, '/'))
	{
		if (part.empty())
		{
			continue;
		}
		path += "/";
		path += part;
		unique_fd next = open_inside(root, path, O_RDONLY | O_DIRECTORY);
		if (!next && errno == ENOENT && ::mkdirat(at.get(), std::string(part).c_str(), 0755) == 0)
		{
			next = open_inside(root, path, O_RDONLY | O_DIRECTORY);
		}
		if (!next)
		{
			return fail(fault::device, system_error(errno), "opening its folder");
		}
		at = std::move(next);
	}
	return at;
}

// Permissions and owner of what the file replaces, as far as it is there, a file, and the file system has
// any. False: the job asks for permissions that the file system does not have.
bool set_owner(int const folder, std::string const& name, landed_file const& file, int const fd)
{
	struct stat old = {};
	bool const is_there =
		::fstatat(folder, name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(old.st_mode);
	if (is_there)
	{
		[[maybe_unused]] int const ignored = ::fchown(fd, old.st_uid, old.st_gid); // FAT has no owners
	}
	constexpr mode_t usual = 0644;
	constexpr mode_t permissions = 07777;
	if (file.mode)
	{
		return ::fchmod(fd, static_cast<mode_t>(*file.mode)) == 0;
	}
	::fchmod(fd, is_there ? old.st_mode & permissions : usual);
	return true;
}

bool write_all(int const fd, std::string_view bytes)
{
	while (!bytes.empty())
	{
		auto const n = ::write(fd, bytes.data(), bytes.size());
		if (n < 0 && errno != EINTR)
		{
			return false;
		}
		bytes.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
	}
	return true;
}

result<void> put(int const root, landed_file const& file)
{
	auto const [folder, name] = folder_and_name(file.path);
	BOOST_OUTCOME_TRY(at, open_folder(root, folder));
	::unlinkat(at.get(), temporary_name, 0); // of a run that was cut off
	constexpr mode_t own = 0600;
	unique_fd const fd(
		::openat(at.get(), temporary_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, own));
	if (!fd)
	{
		return fail(fault::device, system_error(errno), "making it");
	}
	if (!set_owner(at.get(), name, file, fd.get()) || !write_all(fd.get(), *file.content)
		|| ::fsync(fd.get()) != 0 || ::renameat(at.get(), temporary_name, at.get(), name.c_str()) != 0)
	{
		int const reason = errno;
		::unlinkat(at.get(), temporary_name, 0);
		return fail(fault::device, system_error(reason), "writing it");
	}
	return success();
}

std::vector<std::string> names_in(int const folder)
{
	std::vector<std::string> names;
	// the list takes a descriptor of its own over
	std::unique_ptr<DIR, int (*)(DIR*)> const open(
		::fdopendir(::fcntl(folder, F_DUPFD_CLOEXEC, 0)), [](DIR* d) { return ::closedir(d); });
	while (auto const* const entry = open ? ::readdir(open.get()) : nullptr)
	{
		names.emplace_back(entry->d_name);
	}
	return names;
}

// What is not there is no error.
result<void> remove(int const root, landed_file const& file)
{
	auto const [folder, pattern] = folder_and_name(file.path);
	unique_fd const at = open_inside(root, folder, O_RDONLY | O_DIRECTORY);
	if (!at)
	{
		return errno == ENOENT ? success()
							   : result<void>(fail(fault::device, system_error(errno), "opening its folder"));
	}
	for (auto const& name : names_in(at.get()))
	{
		if (name != "." && name != ".." && ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0
			&& ::unlinkat(at.get(), name.c_str(), 0) != 0)
		{
			return fail(fault::device, system_error(errno), "removing {}", name);
		}
	}
	return success();
}

result<std::string> node_of(std::string const& device, int const partition)
{
	if (partition == 0)
	{
		return device;
	}
	auto node = partition_node(device, partition);
	if (node.empty())
	{
		return fail(fault::target, "opening {}: it has no partition {}", device, partition);
	}
	return node;
}

std::string place(std::string const& device, int const partition)
{
	return partition == 0 ? device : fmt::format("partition {} of {}", partition, device);
}

result<own_mount> mount_of(std::string const& device, int const partition)
{
	BOOST_OUTCOME_TRY(node, node_of(device, partition));
	BOOST_OUTCOME_TRY(type, content_of(node));
	if (type.empty())
	{
		return fail(
			fault::target, "mounting {}: it holds no file system that is known", place(device, partition));
	}
	return own_mount::make(node, type, mount_access::read_write);
}

} // namespace

result<void> land_files(std::string const& device, std::span<landed_file const> const files)
{
	std::map<int, std::vector<landed_file const*>> by_partition;
	for (auto const& file : files)
	{
		by_partition[file.partition].push_back(&file);
	}
	for (auto const& [partition, list] : by_partition)
	{
		BOOST_OUTCOME_TRY(mounted, mount_of(device, partition));
		{
			unique_fd const root(::open(mounted.folder().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
			for (auto const* const file : list)
			{
				if (file->source && !file->content)
				{
					return fail(fault::internal, "putting {}: it was not fetched", file->path);
				}
				auto const done = file->content ? put(root.get(), *file) : remove(root.get(), *file);
				if (!done)
				{
					return fail(done.error().kind, "{} {} on {}: {}", file->content ? "putting" : "removing",
						file->path, place(device, partition), done.error().text);
				}
			}
		}
		BOOST_OUTCOME_TRYV(mounted.end());
	}
	return success();
}

} // namespace rawswarm
