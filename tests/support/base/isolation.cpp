// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/isolation.hpp"

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/throw_errno.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

int run_and_report(std::function<int()> const& work)
{
	try
	{
		return work();
	}
	catch (std::exception const& e)
	{
		std::fflush(stdout);
		std::fprintf(stderr, "%s\n", e.what());
		return 1;
	}
}

} // namespace

int run_isolated(std::function<int()> const& work)
{
	// Not over the folder for temporary files itself, as the program under test may lie in it.
	temp_dir const memory;
	if (::unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET) != 0
		|| ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
		|| ::mount("tmpfs", memory.path().c_str(), "tmpfs", 0, "size=90%") != 0)
	{
		throw_errno("namespaces of our own");
	}
	::setenv("TEST_TMPDIR", (memory.path().string() + "/").c_str(), 1);
	std::fflush(stdout);
	auto const child = ::fork();
	if (child < 0)
	{
		throw_errno("fork");
	}
	if (child == 0)
	{
		::prctl(PR_SET_PDEATHSIG, SIGKILL);
		int const code = run_and_report([&work] {
			// that of the other namespace numbers other processes
			if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
			{
				throw_errno("mounting /proc");
			}
			return work();
		});
		std::fflush(stdout);
		::_exit(code);
	}
	int status = 0;
	while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
	{}
	::umount2(memory.path().c_str(), MNT_DETACH);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace rawswarm::test
