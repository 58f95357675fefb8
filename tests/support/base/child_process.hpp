// SPDX-License-Identifier: BSD-3-Clause
// Another program, started by a test.
//
// Its output is captured in memory files, so a child that prints much never blocks, and the output can be
// read while it runs. One thread owns a child. The destructor kills (SIGKILL) and reaps this child and no
// other process. A child that cannot be started is an exception (std::system_error).
#pragma once

#include "base/unique_fd.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <sys/types.h>

namespace rawswarm::test
{

struct child_options
{
	std::vector<std::string> argv; // argv[0] is looked up in PATH
	std::map<std::string, std::string> env; // in addition to this process's own
	std::string stdin_text;
	std::string stdout_path; // empty: captured
	std::string stderr_path; // empty: captured
};

class child_process
{
public:
	explicit child_process(child_options const& options);
	~child_process();
	child_process(child_process const&) = delete;
	child_process& operator=(child_process const&) = delete;

	pid_t pid() const { return m_pid; }

	// Just before the child was started.
	std::chrono::steady_clock::time_point started() const { return m_started; }

	bool running();

	// Does nothing once the child has ended.
	void signal(int number);

	// The exit code, or 128 + the signal that ended it. Empty if it still runs after the timeout.
	std::optional<int> wait(std::chrono::milliseconds timeout);

	// Processor time and peak memory, once it has ended. The peak is at least the resident memory of this
	// process at the time of the start.
	rusage const& used() const { return m_used; }

	// The output captured so far.
	std::string out() const;
	std::string err() const;

	// True once the captured output or errors contain the text. False if the child ends without it, and
	// after the timeout.
	bool wait_for_text(std::string_view text, std::chrono::milliseconds timeout);

private:
	void reap();

	pid_t m_pid = -1;
	std::chrono::steady_clock::time_point m_started;
	std::optional<int> m_exit_code;
	rusage m_used{};
	unique_fd m_pidfd;
	unique_fd m_out;
	unique_fd m_err;
};

struct run_result
{
	int exit_code = -1;
	std::string out;
	std::string err;
};

// Runs a program to its end. Throws std::runtime_error (with the output) if that takes longer.
run_result run(child_options const& options, std::chrono::milliseconds timeout = std::chrono::seconds(60));
run_result run(std::vector<std::string> const& argv);

// The same for a tool that must succeed: otherwise throws with its output. Returns its standard output
// without trailing newlines.
std::string run_checked(std::vector<std::string> const& argv);

// True if PATH or an sbin folder has an executable of that name.
bool program_exists(std::string_view name);

} // namespace rawswarm::test
