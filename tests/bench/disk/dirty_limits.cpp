// SPDX-License-Identifier: BSD-3-Clause
#include "tests/bench/disk/dirty_limits.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace rawswarm::bench
{

namespace
{

// The kernel keeps the member of each pair that was written last and reports 0 for the other, so the one that
// was not 0 is restored. Plain memory, because a signal handler reads it.
struct sysctl
{
	char const* path = nullptr;
	std::array<char, 32> before{};
	std::size_t length = 0;
};

std::array<sysctl, 4> sysctls{{{"/proc/sys/vm/dirty_bytes"}, {"/proc/sys/vm/dirty_background_bytes"},
	{"/proc/sys/vm/dirty_ratio"}, {"/proc/sys/vm/dirty_background_ratio"}}};
pid_t owner = 0;

bool write_text(char const* const path, char const* const text, std::size_t const length)
{
	int const fd = ::open(path, O_WRONLY | O_CLOEXEC);
	bool const ok = fd >= 0 && ::write(fd, text, length) == static_cast<ssize_t>(length);
	::close(fd);
	return ok;
}

void put_back()
{
	for (auto const& s : sysctls)
	{
		if (s.length > 0 && s.before[0] != '0')
		{
			write_text(s.path, s.before.data(), s.length);
		}
	}
}

void put_back_and_end(int const signal)
{
	if (::getpid() == owner)
	{
		put_back();
	}
	::signal(signal, SIG_DFL);
	::raise(signal);
}

void set(char const* const path, std::int64_t const bytes)
{
	auto const text = std::to_string(bytes);
	if (!write_text(path, text.data(), text.size()))
	{
		test::throw_errno(std::string("setting ") + path);
	}
}

} // namespace

// A second run would take the limits of the first for those of the machine, and restore them.
dirty_limits::dirty_limits(std::int64_t const bytes)
	: m_lock(::open(sysctls[0].path, O_RDONLY | O_CLOEXEC))
{
	if (!m_lock || ::flock(m_lock.get(), LOCK_EX | LOCK_NB) != 0)
	{
		test::throw_errno("another run has the limits of dirty pages");
	}
	for (auto& s : sysctls)
	{
		int const fd = ::open(s.path, O_RDONLY | O_CLOEXEC);
		auto const n = ::read(fd, s.before.data(), s.before.size());
		::close(fd);
		s.length = n > 0 ? static_cast<std::size_t>(n) : 0;
	}
	owner = ::getpid();
	for (int const s : {SIGINT, SIGTERM, SIGHUP})
	{
		::signal(s, put_back_and_end);
	}
	set("/proc/sys/vm/dirty_background_bytes", bytes / 2);
	set("/proc/sys/vm/dirty_bytes", bytes);
}

dirty_limits::~dirty_limits()
{
	put_back();
	for (int const s : {SIGINT, SIGTERM, SIGHUP})
	{
		::signal(s, SIG_DFL);
	}
}

} // namespace rawswarm::bench
