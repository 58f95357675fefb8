// SPDX-License-Identifier: BSD-3-Clause
// The file behind a loop device, known by its number.
//
// The kernel names that file by the path that it was attached by, as it was then: it may have got another
// name since, and the path may lead to another file or to a network that is gone. So the loop device itself
// is asked for the inode (LOOP_GET_STATUS64), and the name counts only where it cannot be: its node is
// missing, or only root may open it. Opens the loop device for reading and nothing else. Any thread.
#pragma once

#include "storage/device/kernel_files.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include <sys/stat.h>

namespace rawswarm
{

class loop_file
{
public:
	// Behind a loop device, or the one that this is a partition of. Nothing: it is none, or has no file.
	static std::optional<loop_file> behind(block_device_id device, kernel_files const& files = {});

	// The same by the device's folder in /sys.
	static std::optional<loop_file> behind(std::filesystem::path const& sys_folder);

	// By which it was attached.
	std::string const& name() const { return m_name; }

	// Device and inode, as stat(2) has them; all else is zero. Nothing: there is no such file by that name
	// either.
	std::optional<struct stat> status() const;

	bool is(struct stat const& file) const;

private:
	std::string m_name;
	bool m_is_known = false; // by the two numbers
	dev_t m_device = 0;
	ino_t m_inode = 0;
};

} // namespace rawswarm
