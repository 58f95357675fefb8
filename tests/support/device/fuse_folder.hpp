// SPDX-License-Identifier: BSD-3-Clause
// A FUSE file system over a folder that refuses what some file systems refuse: renames with flags, as NFS
// does, and locks.
//
// A child process serves it. Needs root and /dev/fuse (fuse_available()). Errors are thrown.
#pragma once

#include "tests/support/base/temp_dir.hpp"

#include <string>
#include <string_view>

#include <sys/types.h>

namespace rawswarm::test
{

class fuse_folder
{
public:
	// flock_errno: what each flock(2) fails with; 0: the kernel itself keeps the locks.
	explicit fuse_folder(int flock_errno = 0);
	~fuse_folder(); // unmounts and ends the child
	fuse_folder(fuse_folder const&) = delete;
	fuse_folder& operator=(fuse_folder const&) = delete;

	std::string operator/(std::string_view name) const { return m_mount / name; }

private:
	temp_dir m_below;
	temp_dir m_mount;
	pid_t m_child = -1;
};

} // namespace rawswarm::test
