// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/stopped_process.hpp"

#include "tests/support/base/temp_dir.hpp"
#include "tests/support/base/throw_errno.hpp"
#include "tests/support/base/wait_until.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <stdexcept>

namespace rawswarm::test
{

namespace
{

// In stat the state stands behind the name, which is in parentheses (proc(5)).
bool every_thread_has_stopped(pid_t const process)
{
	auto const threads = std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process));
	return std::ranges::all_of(threads, [](auto const& thread) {
		return read_file(thread.path() / "stat").find(") T ") != std::string::npos;
	});
}

} // namespace

stopped_process::stopped_process(pid_t const process)
	: m_process(process)
{
	if (::kill(process, SIGSTOP) != 0)
	{
		throw_errno("stopping a process");
	}
	if (!wait_until([&] { return every_thread_has_stopped(process); }))
	{
		::kill(process, SIGCONT);
		throw std::runtime_error("a process does not stop");
	}
}

stopped_process::~stopped_process()
{
	::kill(m_process, SIGCONT);
}

} // namespace rawswarm::test
