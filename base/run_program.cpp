// SPDX-License-Identifier: BSD-3-Clause
#include "base/run_program.hpp"

#include "base/clean_text.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

using clock = std::chrono::steady_clock;

constexpr std::size_t most_output = std::size_t(64) * 1024;
constexpr std::size_t longest_line = 1024; // a longer one is passed on in parts
constexpr std::chrono::milliseconds look_interval{50};
constexpr std::chrono::seconds time_to_end{2}; // between SIGTERM and SIGKILL

std::vector<std::string> environment_with(std::vector<std::string> const& variables)
{
	auto all = variables;
	for (char** v = environ; v != nullptr && *v != nullptr; ++v)
	{
		std::string_view const ours(*v);
		auto const name = ours.substr(0, ours.find('=') + 1);
		bool const is_set = std::ranges::any_of(
			variables, [name](std::string const& other) { return other.starts_with(name); });
		if (!is_set)
		{
			all.emplace_back(ours);
		}
	}
	return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& words)
{
	std::vector<char*> pointers;
	pointers.reserve(words.size() + 1);
	for (auto& word : words)
	{
		pointers.push_back(word.data());
	}
	pointers.push_back(nullptr);
	return pointers;
}

// Returns the error number.
int spawn(pid_t& child, std::vector<std::string> words, std::vector<std::string> variables, int const output)
{
	posix_spawn_file_actions_t actions;
	::posix_spawn_file_actions_init(&actions);
	::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	// sockets that a library opened, or what was handed to this process, are none of its business
	::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawnattr_t attributes;
	::posix_spawnattr_init(&attributes);
	sigset_t none;
	::sigemptyset(&none);
	::posix_spawnattr_setsigmask(&attributes, &none);
	::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	auto const arguments = pointers_to(words);
	auto const environment = pointers_to(variables);
	int const failed = ::posix_spawn(
		&child, words.front().c_str(), &actions, &attributes, arguments.data(), environment.data());
	::posix_spawnattr_destroy(&attributes);
	::posix_spawn_file_actions_destroy(&actions);
	return failed;
}

class running_program
{
public:
	running_program(pid_t const child, unique_fd output, program_options const& options)
		: m_child(child)
		, m_output(std::move(output))
		, m_options(options)
	{}

	result<program_end> wait()
	{
		auto const started = clock::now();
		for (;;)
		{
			read_some(look_interval);
			int status = 0;
			pid_t const ended = ::waitpid(m_child, &status, WNOHANG);
			if (ended == m_child)
			{
				finish(status);
				return std::move(m_end);
			}
			if (ended == -1 && errno != EINTR)
			{
				return fail(fault::internal, system_error(errno), "waiting for a program");
			}
			auto const now = clock::now();
			m_end.was_stopped = m_end.was_stopped || m_options.stop.stop_requested();
			m_end.timed_out =
				m_end.timed_out || (m_options.timeout.count() > 0 && now - started >= m_options.timeout);
			if (m_end.was_stopped || m_end.timed_out)
			{
				end_group(now);
			}
		}
	}

private:
	void end_group(clock::time_point const now)
	{
		if (m_terminated == clock::time_point())
		{
			m_terminated = now;
			::kill(-m_child, SIGTERM);
		}
		else if (now - m_terminated >= time_to_end)
		{
			::kill(-m_child, SIGKILL);
		}
	}

	void finish(int const status)
	{
		if (m_end.was_stopped || m_end.timed_out)
		{
			::kill(-m_child, SIGKILL); // what it started may not have ended with it
		}
		while (read_some(std::chrono::milliseconds(0)))
		{} // what others have still to say who hold the pipe, nobody waits for
		if (!m_line.empty())
		{
			pass_on(m_line);
		}
		if (m_end.output.size() > most_output)
		{
			m_end.output.erase(0, m_end.output.size() - most_output);
		}
		constexpr int by_signal = 128; // as a shell counts
		m_end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
	}

	// False: nothing came.
	bool read_some(std::chrono::milliseconds const patience)
	{
		pollfd what{m_output.get(), POLLIN, 0};
		if (m_has_ended || ::poll(&what, 1, static_cast<int>(patience.count())) <= 0)
		{
			if (m_has_ended && patience.count() > 0)
			{
				::poll(
					nullptr, 0, static_cast<int>(patience.count())); // its output is closed, it is not over
			}
			return false;
		}
		std::array<char, 4096> buffer{};
		auto const n = ::read(m_output.get(), buffer.data(), buffer.size());
		if (n <= 0)
		{
			m_has_ended = n == 0;
			return false;
		}
		take({buffer.data(), static_cast<std::size_t>(n)});
		return true;
	}

	void take(std::string_view const bytes)
	{
		m_end.output += bytes;
		if (m_end.output.size() > 2 * most_output)
		{
			m_end.output.erase(0, m_end.output.size() - most_output);
		}
		for (char const c : bytes)
		{
			if (c == '\n' || m_line.size() == longest_line)
			{
				pass_on(m_line);
				m_line.clear();
			}
			if (c != '\n')
			{
				m_line += c;
			}
		}
	}

	void pass_on(std::string_view const line) const
	{
		if (m_options.on_line)
		{
			m_options.on_line(line);
		}
	}

	pid_t m_child;
	unique_fd m_output;
	program_options const& m_options;
	program_end m_end;
	std::string m_line;
	bool m_has_ended = false; // the output
	clock::time_point m_terminated;
};

// Folders may be searched, which is the same permission.
bool can_be_run(std::string const& path)
{
	std::error_code ec;
	return ::access(path.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(path, ec);
}

} // namespace

std::string program_in_path(std::string_view const name)
{
	if (name.find('/') != std::string_view::npos)
	{
		std::string path(name);
		return can_be_run(path) ? path : std::string();
	}
	char const* const path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): nobody changes it
	for (auto const folder : split(path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path, ':'))
	{
		auto candidate = fmt::format("{}/{}", folder, name);
		if (!folder.empty() && can_be_run(candidate))
		{
			return candidate;
		}
	}
	return {};
}

result<program_end> run_program(std::vector<std::string> const& words, program_options const& options)
{
	std::array<int, 2> ends{};
	if (::pipe2(ends.data(), O_CLOEXEC) != 0)
	{
		return fail(fault::internal, system_error(errno), "starting {}", words.front());
	}
	unique_fd in(ends[0]);
	unique_fd out(ends[1]);
	pid_t child = -1;
	if (int const failed = spawn(child, words, environment_with(options.variables), out.get()); failed != 0)
	{
		return fail(fault::internal, system_error(failed), "starting {}", words.front());
	}
	out = unique_fd(); // or the output would never end
	return running_program(child, std::move(in), options).wait();
}

std::string last_line(program_end const& end)
{
	auto const text = trim(end.output);
	auto const at = text.find_last_of("\n\r");
	return clean_text(trim(at == std::string_view::npos ? text : text.substr(at + 1)));
}

} // namespace rawswarm
