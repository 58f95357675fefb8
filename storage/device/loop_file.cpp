// SPDX-License-Identifier: BSD-3-Clause
#include "storage/device/loop_file.hpp"

#include "base/unique_fd.hpp"
#include "storage/device/sys_block.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

namespace rawswarm
{

std::optional<loop_file> loop_file::behind(block_device_id const device, kernel_files const& files)
{
	auto const folder = sys_folder(device, files);
	return behind(has_file(folder / "partition") ? folder.parent_path() : folder);
}

std::optional<loop_file> loop_file::behind(std::filesystem::path const& sys_folder)
{
	loop_file file;
	file.m_name = sys_folder.empty() ? std::string() : first_line(sys_folder / "loop" / "backing_file");
	if (file.m_name.empty())
	{
		return std::nullopt;
	}
	auto const node = "/dev/" + sys_folder.filename().string();
	unique_fd const fd(::open(node.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	loop_info64 info = {};
	if (fd && ::ioctl(fd.get(), LOOP_GET_STATUS64, &info) == 0)
	{
		file.m_is_known = true;
		file.m_device = static_cast<dev_t>(info.lo_device);
		file.m_inode = static_cast<ino_t>(info.lo_inode);
	}
	return file;
}

std::optional<struct stat> loop_file::status() const
{
	struct stat found = {};
	if (m_is_known)
	{
		found.st_dev = m_device;
		found.st_ino = m_inode;
		return found;
	}
	return ::stat(m_name.c_str(), &found) == 0 ? std::optional(found) : std::nullopt;
}

bool loop_file::is(struct stat const& file) const
{
	auto const own = status();
	return own && own->st_dev == file.st_dev && own->st_ino == file.st_ino;
}

} // namespace rawswarm
