// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/base/child_process.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm::test
{

namespace
{

using clock = std::chrono::steady_clock;

unique_fd memory_file(std::string_view content = {})
{
	unique_fd fd(::memfd_create("child", MFD_CLOEXEC));
	if (!fd)
	{
		throw_errno("memfd_create");
	}
	for (auto rest = content; !rest.empty();)
	{
		auto const n = ::write(fd.get(), rest.data(), rest.size());
		if (n <= 0)
		{
			throw_errno("writing a memory file");
		}
		rest.remove_prefix(static_cast<std::size_t>(n));
	}
	::lseek(fd.get(), 0, SEEK_SET);
	return fd;
}

// With O_APPEND, so that reading here does not move the offset at which the child writes.
unique_fd output_file(std::string const& path)
{
	if (path.empty())
	{
		auto fd = memory_file();
		::fcntl(fd.get(), F_SETFL, O_APPEND);
		return fd;
	}
	unique_fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
	if (!fd)
	{
		throw_errno("opening " + path);
	}
	return fd;
}

std::string whole_file(int fd)
{
	struct stat info
	{};
	::fstat(fd, &info);
	std::string text(static_cast<std::size_t>(info.st_size), '\0');
	auto const n = ::pread(fd, text.data(), text.size(), 0);
	text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
	return text;
}

std::vector<std::string> environment_with(std::map<std::string, std::string> const& extra)
{
	std::vector<std::string> result;
	for (char** entry = environ; *entry != nullptr; ++entry)
	{
		std::string const text(*entry);
		if (!extra.contains(text.substr(0, text.find('='))))
		{
			result.push_back(text);
		}
	}
	for (auto const& [name, value] : extra)
	{
		result.push_back(name + "=" + value);
	}
	return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
	std::vector<char*> result;
	for (auto& text : texts)
	{
		result.push_back(text.data());
	}
	result.push_back(nullptr);
	return result;
}

// Signals as in a new shell, whatever this process has blocked or ignored.
void set_default_signals(posix_spawnattr_t& attributes)
{
	sigset_t all;
	sigset_t none;
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

pid_t spawn(child_options const& options, int in, int out, int err)
{
	auto argv = options.argv;
	auto env = environment_with(options.env);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	set_default_signals(attributes);
	pid_t pid = -1;
	int const failure = ::posix_spawnp(
		&pid, argv.at(0).c_str(), &actions, &attributes, pointers(argv).data(), pointers(env).data());
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (failure != 0)
	{
		throw std::system_error(failure, std::generic_category(), "starting " + options.argv.at(0));
	}
	return pid;
}

} // namespace

child_process::child_process(child_options const& options)
	: m_out(output_file(options.stdout_path))
	, m_err(output_file(options.stderr_path))
{
	auto const in = memory_file(options.stdin_text);
	m_started = clock::now();
	m_pid = spawn(options, in.get(), m_out.get(), m_err.get());
	// The bare system call: the header of glibc 2.36 lacks extern "C" for the function.
	m_pidfd = unique_fd(static_cast<int>(::syscall(SYS_pidfd_open, m_pid, 0)));
	if (!m_pidfd)
	{
		::kill(m_pid, SIGKILL);
		reap();
		throw_errno("pidfd_open");
	}
}

child_process::~child_process()
{
	signal(SIGKILL);
	if (!m_exit_code)
	{
		reap();
	}
}

bool child_process::running()
{
	return !wait(std::chrono::milliseconds(0));
}

void child_process::signal(int number)
{
	if (!m_exit_code)
	{
		::kill(m_pid, number);
	}
}

void child_process::reap()
{
	int status = 0;
	while (::wait4(m_pid, &status, 0, &m_used) < 0 && errno == EINTR)
	{}
	m_exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::optional<int> child_process::wait(std::chrono::milliseconds timeout)
{
	auto const deadline = clock::now() + timeout;
	while (!m_exit_code)
	{
		auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
		pollfd ended{m_pidfd.get(), POLLIN, 0};
		int const n = ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
		if (n > 0)
		{
			reap();
		}
		else if (n == 0 && left <= 0)
		{
			break;
		}
	}
	return m_exit_code;
}

std::string child_process::out() const
{
	return whole_file(m_out.get());
}

std::string child_process::err() const
{
	return whole_file(m_err.get());
}

bool child_process::wait_for_text(std::string_view text, std::chrono::milliseconds timeout)
{
	auto const deadline = clock::now() + timeout;
	for (;;)
	{
		// Before the output is read, so that no output of a child that ends in between is missed.
		bool const last_look = !running() || clock::now() >= deadline;
		if (out().find(text) != std::string::npos || err().find(text) != std::string::npos)
		{
			return true;
		}
		if (last_look)
		{
			return false;
		}
		wait(std::chrono::milliseconds(5));
	}
}

run_result run(child_options const& options, std::chrono::milliseconds timeout)
{
	child_process child(options);
	auto const code = child.wait(timeout);
	if (!code)
	{
		throw std::runtime_error(
			options.argv.at(0) + " did not end in time; it printed:\n" + child.out() + child.err());
	}
	return {*code, child.out(), child.err()};
}

run_result run(std::vector<std::string> const& argv)
{
	child_options options;
	options.argv = argv;
	return run(options);
}

std::string run_checked(std::vector<std::string> const& argv)
{
	auto done = run(argv);
	if (done.exit_code != 0)
	{
		throw std::runtime_error(
			argv.at(0) + " failed with " + std::to_string(done.exit_code) + ":\n" + done.out + done.err);
	}
	while (done.out.ends_with('\n'))
	{
		done.out.pop_back();
	}
	return done.out;
}

bool program_exists(std::string_view name)
{
	std::string rest = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
	rest += ":/usr/sbin:/sbin";
	for (std::size_t at = 0; at <= rest.size();)
	{
		auto const end = std::min(rest.find(':', at), rest.size());
		auto const candidate = rest.substr(at, end - at) + "/" + std::string(name);
		if (::access(candidate.c_str(), X_OK) == 0)
		{
			return true;
		}
		at = end + 1;
	}
	return false;
}

} // namespace rawswarm::test
