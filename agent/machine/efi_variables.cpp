// SPDX-License-Identifier: BSD-3-Clause
#include "agent/machine/efi_variables.hpp"

#include "agent/machine/uefi.hpp"
#include "base/read_file.hpp"
#include "base/unique_fd.hpp"

#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

namespace fs = std::filesystem;

// EFI_GLOBAL_VARIABLE
constexpr std::string_view suffix = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";

// Kept without power, readable by loaders and by systems. Least significant byte first.
constexpr std::string_view attributes{"\x07\0\0\0", 4};

// Far above any boot entry; the firmware's memory has some 64 KiB.
constexpr std::size_t largest_value = std::size_t(1) << 20;

constexpr std::string_view opening = "opening the variables of the firmware";

// Those that the kernel thinks a machine may not live without have the flag.
void allow_change(std::string const& path)
{
	unique_fd const fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
	int flags = 0;
	if (fd && ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_IMMUTABLE_FL) != 0)
	{
		flags &= ~FS_IMMUTABLE_FL;
		::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags); // what then fails says so
	}
}

// efivarfs takes what one call has as the whole value.
ssize_t write_at_once(int const fd, std::string_view const bytes)
{
	ssize_t n = 0;
	do
	{
		n = ::write(fd, bytes.data(), bytes.size());
	} while (n < 0 && errno == EINTR);
	return n;
}

// In a folder that is no efivarfs the end of a longer value is left.
void cut_off(int const fd, std::size_t const size)
{
	struct stat now = {};
	if (::fstat(fd, &now) == 0 && now.st_size > static_cast<off_t>(size))
	{
		[[maybe_unused]] int const ignored = ::ftruncate(fd, static_cast<off_t>(size));
	}
}

// With efivarfs mounted there is always something.
bool is_empty(std::string const& folder)
{
	std::error_code ignored; // opening a file in it says it better
	return fs::is_empty(folder, ignored);
}

} // namespace

efi_variables::efi_variables(std::string folder)
	: m_folder(std::move(folder))
{}

result<efi_variables> efi_variables::open(kernel_files const& files)
{
	auto folder = files.sys + "/firmware/efi/efivars";
	if (!is_started_by_uefi(files))
	{
		return fail(fault::target, "{}: this machine was not started by UEFI", opening);
	}
	std::error_code ec;
	if (!fs::is_directory(folder, ec))
	{
		return fail(fault::target, "{}: the kernel does not show them, {} is not there", opening, folder);
	}
	if (is_empty(folder)
		&& ::mount("efivarfs", folder.c_str(), "efivarfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
	{
		return fail(fault::target, system_error(errno), "{}: mounting efivarfs on {}", opening, folder);
	}
	struct statvfs status = {};
	if (::statvfs(folder.c_str(), &status) != 0 || (status.f_flag & ST_RDONLY) != 0)
	{
		return fail(fault::target, "{}: {} is read-only", opening, folder);
	}
	return efi_variables(std::move(folder));
}

std::string efi_variables::path_of(std::string const& name) const
{
	return fmt::format("{}/{}{}", m_folder, name, suffix);
}

std::vector<std::string> efi_variables::names() const
{
	std::vector<std::string> names;
	std::error_code ec;
	for (fs::directory_iterator it(m_folder, ec); !ec && it != fs::directory_iterator(); it.increment(ec))
	{
		auto name = it->path().filename().string();
		if (name.ends_with(suffix))
		{
			name.resize(name.size() - suffix.size());
			names.push_back(std::move(name));
		}
	}
	return names;
}

result<std::optional<std::string>> efi_variables::read(std::string const& name) const
{
	unique_fd const fd(::open(path_of(name).c_str(), O_RDONLY | O_CLOEXEC));
	if (!fd && errno == ENOENT)
	{
		return std::optional<std::string>();
	}
	if (!fd)
	{
		return fail(fault::device, system_error(errno), "reading {}", name);
	}
	auto bytes = read_all(fd.get(), name, largest_value);
	if (!bytes)
	{
		return fail(fault::device, "{}", bytes.error().text);
	}
	if (bytes.value().size() < attributes.size())
	{
		return std::optional<std::string>(); // left behind by a write that failed
	}
	return std::optional(bytes.value().substr(attributes.size()));
}

result<void> efi_variables::write(std::string const& name, std::string_view const value) const
{
	BOOST_OUTCOME_TRY(old, read(name));
	if (old == value)
	{
		return success();
	}
	auto const path = path_of(name);
	allow_change(path);
	auto const bytes = std::string(attributes) + std::string(value);
	unique_fd const fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
	if (!fd || write_at_once(fd.get(), bytes) != static_cast<ssize_t>(bytes.size()))
	{
		int const reason = errno;
		if (fd && !old)
		{
			::unlink(path.c_str());
		}
		return fail(fault::device, system_error(reason), "writing {}", name);
	}
	cut_off(fd.get(), bytes.size());
	return success();
}

result<void> efi_variables::remove(std::string const& name) const
{
	auto const path = path_of(name);
	allow_change(path);
	if (::unlink(path.c_str()) != 0 && errno != ENOENT)
	{
		return fail(fault::device, system_error(errno), "removing {}", name);
	}
	return success();
}

} // namespace rawswarm
