// SPDX-License-Identifier: BSD-3-Clause
#include "base/run_program.hpp"

#include "base/clean_text.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawswarm
{

namespace
{

constexpr std::size_t most_output = 64 * 1024;

std::string read_to_end(int const fd)
{
	std::string output;
	std::array<char, 4096> buffer{};
	for (;;)
	{
		auto const n = ::read(fd, buffer.data(), buffer.size());
		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n <= 0)
		{
			return output;
		}
		output.append(buffer.data(), static_cast<std::size_t>(n));
		if (output.size() > 2 * most_output)
		{
			output.erase(0, output.size() - most_output);
		}
	}
}

std::vector<std::string> environment_in_c_locale()
{
	std::vector<std::string> variables{"LC_ALL=C"};
	for (char** v = environ; v != nullptr && *v != nullptr; ++v)
	{
		if (!std::string_view(*v).starts_with("LC_ALL="))
		{
			variables.emplace_back(*v);
		}
	}
	return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& words)
{
	std::vector<char*> pointers;
	for (auto& word : words)
	{
		pointers.push_back(word.data());
	}
	pointers.push_back(nullptr);
	return pointers;
}

// Returns the error number.
int spawn(pid_t& child, std::vector<std::string> words, int const output)
{
	posix_spawn_file_actions_t actions;
	::posix_spawn_file_actions_init(&actions);
	::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	auto variables = environment_in_c_locale();
	auto const arguments = pointers_to(words);
	auto const environment = pointers_to(variables);
	int const failed =
		::posix_spawn(&child, words.front().c_str(), &actions, nullptr, arguments.data(), environment.data());
	::posix_spawn_file_actions_destroy(&actions);
	return failed;
}

} // namespace

std::string program_in_path(std::string_view const name)
{
	char const* const path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): nobody changes it
	for (auto const folder : split(path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path, ':'))
	{
		auto candidate = fmt::format("{}/{}", folder, name);
		if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0)
		{
			return candidate;
		}
	}
	return {};
}

result<program_end> run_program(std::vector<std::string> const& words)
{
	std::array<int, 2> ends{};
	if (::pipe2(ends.data(), O_CLOEXEC) != 0)
	{
		return fail(fault::internal, system_error(errno), "starting {}", words.front());
	}
	unique_fd const in(ends[0]);
	unique_fd out(ends[1]);
	pid_t child = -1;
	if (int const failed = spawn(child, words, out.get()); failed != 0)
	{
		return fail(fault::internal, system_error(failed), "starting {}", words.front());
	}
	out = unique_fd(); // or the output would never end
	program_end end;
	end.output = read_to_end(in.get());
	if (end.output.size() > most_output)
	{
		end.output.erase(0, end.output.size() - most_output);
	}
	int status = 0;
	while (::waitpid(child, &status, 0) == -1)
	{
		if (errno != EINTR)
		{
			return fail(fault::internal, system_error(errno), "waiting for {}", words.front());
		}
	}
	constexpr int by_signal = 128; // as a shell counts
	end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
	return end;
}

std::string last_line(program_end const& end)
{
	auto const text = trim(end.output);
	auto const at = text.find_last_of("\n\r");
	return clean_text(trim(at == std::string_view::npos ? text : text.substr(at + 1)));
}

} // namespace rawswarm
