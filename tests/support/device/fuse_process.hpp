// SPDX-License-Identifier: BSD-3-Clause
// A child process that serves a file system to this machine by FUSE, one request after the other.
//
// The child has a copy of the whole process as of the construction, and no other thread of it. It ends with
// its parent. Needs root and /dev/fuse (fuse_available()). Errors are thrown.
#pragma once

#include <functional>
#include <string>

#include <sys/types.h>

struct fuse_operations;

namespace rawswarm::test
{

class fuse_process
{
public:
	// Mounts it at a folder that exists; it can be used from then on. set_up: called in the child, before
	// anything is asked, for what answers requests, and for what the answers need: these functions take no
	// argument of ours.
	fuse_process(std::string mount_point, std::function<void(fuse_operations&)> const& set_up);
	~fuse_process(); // unmounts it, even if files are open in it, and waits for the child
	fuse_process(fuse_process const&) = delete;
	fuse_process& operator=(fuse_process const&) = delete;

private:
	std::string m_mount_point;
	pid_t m_child = -1;
};

// True if FUSE works here, as root.
bool fuse_available();

} // namespace rawswarm::test
