// SPDX-License-Identifier: BSD-3-Clause
// A FUSE file system over a folder that refuses what some file systems refuse: renames with flags, as NFS
// does, and locks.
//
// A child process serves it (fuse_process). Errors are thrown.
#pragma once

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/device/fuse_process.hpp"

#include <string>
#include <string_view>

namespace rawswarm::test
{

class fuse_folder
{
public:
	// flock_errno: what each flock(2) fails with; 0: the kernel itself keeps the locks.
	explicit fuse_folder(int flock_errno = 0);

	std::string operator/(std::string_view name) const { return m_mount / name; }

private:
	temp_dir m_below;
	temp_dir m_mount;
	fuse_process m_process; // last: the child uses the others
};

} // namespace rawswarm::test
