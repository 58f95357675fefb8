// SPDX-License-Identifier: BSD-3-Clause
#include "agent/job/own_mount.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <sys/mount.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

// By which the kernel knows it: libblkid has another name for what its ntfs3 mounts.
std::string kernels_name(std::string const& type)
{
	return type == "ntfs" ? "ntfs3" : type;
}

// mount(8): what keeps a journal from being replayed.
char const* without_replay(std::string const& type)
{
	if (type == "ext3" || type == "ext4")
	{
		return "noload";
	}
	return type == "xfs" ? "norecovery" : nullptr;
}

} // namespace

own_mount::own_mount(std::string folder)
	: m_folder(std::move(folder))
{}

own_mount::own_mount(own_mount&& other) noexcept
	: m_folder(std::exchange(other.m_folder, {}))
{}

own_mount::~own_mount()
{
	if (!m_folder.empty())
	{
		::umount2(m_folder.c_str(), 0);
		::rmdir(m_folder.c_str()); // and never what is in it: it may still be mounted
	}
}

result<own_mount> own_mount::make(std::string const& node, std::string const& type, mount_access const access)
{
	std::error_code ec;
	auto folder = (std::filesystem::temp_directory_path(ec) / "rawswarm-XXXXXX").string();
	if (ec || ::mkdtemp(folder.data()) == nullptr)
	{
		return fail(fault::internal, ec ? ec : system_error(errno), "making a temporary folder");
	}
	bool const is_read_only = access == mount_access::read_only;
	unsigned long const flags =
		MS_NOSUID | MS_NODEV | MS_NOEXEC | (is_read_only ? static_cast<unsigned long>(MS_RDONLY) : 0UL);
	if (::mount(node.c_str(), folder.c_str(), kernels_name(type).c_str(), flags,
			is_read_only ? without_replay(type) : nullptr)
		!= 0)
	{
		int const reason = errno;
		::rmdir(folder.c_str());
		return fail(fault::device, system_error(reason), "mounting {}", node);
	}
	return own_mount(std::move(folder));
}

result<void> own_mount::end()
{
	auto const folder = std::exchange(m_folder, {});
	int const error = ::umount2(folder.c_str(), 0) == 0 ? 0 : errno;
	::rmdir(folder.c_str());
	if (error != 0)
	{
		return fail(fault::device, system_error(error), "unmounting {}", folder);
	}
	return success();
}

} // namespace rawswarm
