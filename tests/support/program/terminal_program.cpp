// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/program/terminal_program.hpp"

#include "tests/support/base/throw_errno.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

namespace rawswarm::test
{

namespace
{

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

std::vector<std::string> environment(std::map<std::string, std::string> const& more)
{
	std::map<std::string, std::string> all;
	for (auto** e = environ; *e != nullptr; ++e)
	{
		std::string const entry(*e);
		all[entry.substr(0, entry.find('='))] = entry.substr(entry.find('=') + 1);
	}
	all["TERM"] = "xterm";
	all.erase("NO_COLOR");
	for (auto const& [name, value] : more)
	{
		all[name] = value;
	}
	std::vector<std::string> list;
	list.reserve(all.size());
	for (auto const& [name, value] : all)
	{
		list.push_back(name + "=" + value);
	}
	return list;
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
	std::vector<char*> list;
	list.reserve(texts.size() + 1);
	for (auto& text : texts)
	{
		list.push_back(text.data());
	}
	list.push_back(nullptr);
	return list;
}

} // namespace

terminal_program::terminal_program(terminal_options const& options)
	: m_screen(options.rows, options.columns)
{
	winsize const size{options.rows, options.columns, 0, 0};
	int master = -1;
	int slave = -1;
	if (::openpty(&master, &slave, nullptr, nullptr, &size) != 0)
	{
		throw_errno("opening a terminal");
	}
	m_master = unique_fd(master);
	m_slave = unique_fd(slave);
	m_before = modes();
	auto words = options.argv;
	auto variables = environment(options.env);
	auto const argv = pointers(words);
	auto const env = pointers(variables);
	m_pid = ::fork();
	if (m_pid < 0)
	{
		throw_errno("starting a program on a terminal");
	}
	if (m_pid == 0)
	{
		::login_tty(slave);
		::close(master);
		::execvpe(argv[0], argv.data(), env.data());
		::_exit(127);
	}
}

terminal_program::~terminal_program()
{
	if (!m_code)
	{
		::kill(m_pid, SIGKILL);
		::waitpid(m_pid, nullptr, 0);
	}
}

bool terminal_program::read_some(std::chrono::milliseconds const timeout)
{
	pollfd ready{m_master.get(), POLLIN, 0};
	if (::poll(&ready, 1, static_cast<int>(timeout.count())) <= 0)
	{
		return false;
	}
	std::array<char, 65536> buffer{};
	auto const n = ::read(m_master.get(), buffer.data(), buffer.size());
	if (n <= 0)
	{
		return false;
	}
	std::string_view const bytes(buffer.data(), static_cast<std::size_t>(n));
	m_bytes += bytes;
	m_screen.write(bytes);
	return true;
}

bool terminal_program::wait_until(
	std::function<bool(screen_model const&)> const& holds, std::chrono::milliseconds const timeout)
{
	auto const end = clock::now() + timeout;
	while (!m_screen.is_whole() || !holds(m_screen))
	{
		if (clock::now() >= end)
		{
			return false;
		}
		read_some(20ms);
	}
	return true;
}

bool terminal_program::wait_for(std::string_view const text, std::chrono::milliseconds const timeout)
{
	return wait_until([&](screen_model const& s) { return s.shows(text); }, timeout);
}

std::optional<int> terminal_program::wait(std::chrono::milliseconds const timeout)
{
	auto const end = clock::now() + timeout;
	while (!m_code && clock::now() < end)
	{
		read_some(10ms);
		int status = 0;
		if (::waitpid(m_pid, &status, WNOHANG) == m_pid)
		{
			m_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
	}
	while (read_some(0ms))
	{}
	return m_code;
}

bool terminal_program::wait_for_stop(std::chrono::milliseconds const timeout)
{
	auto const end = clock::now() + timeout;
	while (clock::now() < end)
	{
		read_some(10ms);
		int status = 0;
		if (::waitpid(m_pid, &status, WNOHANG | WUNTRACED) == m_pid)
		{
			while (read_some(0ms))
			{}
			return WIFSTOPPED(status);
		}
	}
	return false;
}

void terminal_program::type(std::string_view const bytes)
{
	if (::write(m_master.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
	{
		throw_errno("typing");
	}
}

void terminal_program::resize(unsigned short const rows, unsigned short const columns)
{
	winsize const size{rows, columns, 0, 0};
	m_screen.resize(rows, columns);
	if (::ioctl(m_master.get(), TIOCSWINSZ, &size) != 0)
	{
		throw_errno("resizing the terminal");
	}
}

void terminal_program::signal(int const number) const
{
	if (!m_code)
	{
		::kill(m_pid, number);
	}
}

termios terminal_program::modes() const
{
	termios now{};
	if (::tcgetattr(m_slave.get(), &now) != 0)
	{
		throw_errno("asking how the terminal is set");
	}
	return now;
}

int terminal_program::flags() const
{
	return ::fcntl(m_slave.get(), F_GETFL);
}

} // namespace rawswarm::test
