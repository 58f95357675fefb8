// SPDX-License-Identifier: BSD-3-Clause
#define FUSE_USE_VERSION 35

#include "tests/support/device/fuse_process.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fuse.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

// The last process of a mount namespace unmounts everything in it. If that were this one, after its parent
// was killed, it would wait for a file system that is to be written back to a file of this one, which nobody
// serves any more. There is none yet: no file can be opened before it is served.
void leave_the_namespace(std::string const& mount_point)
{
	if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
		|| ::umount2(mount_point.c_str(), MNT_DETACH) != 0)
	{
		::_exit(1);
	}
}

[[noreturn]] void serve(std::string const& mount_point, std::function<void(fuse_operations&)> const& set_up)
{
	::prctl(PR_SET_PDEATHSIG, SIGKILL);
	fuse_operations operations{};
	set_up(operations);
	std::string name("fuse_process");
	std::array<char*, 2> argv{name.data(), nullptr};
	fuse_args args{1, argv.data(), 0};
	auto* const fuse = ::fuse_new(&args, &operations, sizeof(operations), nullptr);
	if (!fuse || ::fuse_mount(fuse, mount_point.c_str()) != 0)
	{
		::_exit(1);
	}
	leave_the_namespace(mount_point);
	::fuse_loop(fuse); // one request at a time, as a rotational disk
	::fuse_unmount(fuse);
	::fuse_destroy(fuse);
	::_exit(0);
}

dev_t device_of(std::string const& path)
{
	struct stat found = {};
	return ::stat(path.c_str(), &found) == 0 ? found.st_dev : 0;
}

} // namespace

fuse_process::fuse_process(std::string mount_point, std::function<void(fuse_operations&)> const& set_up)
	: m_mount_point(std::move(mount_point))
{
	auto const outside = device_of(m_mount_point);
	auto const child = ::fork();
	if (child < 0)
	{
		throw_errno("a process for a FUSE file system");
	}
	m_child = child;
	if (child == 0)
	{
		serve(m_mount_point, set_up);
	}
	// Nothing tells that the child serves; the first answer does, which stat(2) waits for.
	while (device_of(m_mount_point) == outside)
	{
		if (::waitpid(m_child, nullptr, WNOHANG) != 0)
		{
			throw std::runtime_error("mounting a FUSE file system failed");
		}
		std::this_thread::sleep_for(std::chrono::milliseconds(2));
	}
}

fuse_process::~fuse_process()
{
	::umount2(m_mount_point.c_str(), MNT_DETACH);
	::kill(m_child, SIGTERM);
	::waitpid(m_child, nullptr, 0);
}

bool fuse_available()
{
	return ::geteuid() == 0 && ::access("/dev/fuse", R_OK | W_OK) == 0;
}

} // namespace rawswarm::test
