// SPDX-License-Identifier: BSD-3-Clause
// Runs a job in a child process, so that the program can end whatever a thread of the job is stuck in.
//
// A thread that waits for a device that hangs cannot be ended, and a process does not end before its last
// thread does: neither by exit() nor by SIGKILL. So the process that the user started does no work (the
// *guard*): it passes SIGINT and SIGTERM on, waits, and carries out the action at the end. It leaves a child
// behind that has reported its end and cannot go.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <functional>
#include <span>
#include <string>

namespace rawswarm
{

// The child's side. Used by one thread.
class guarded_work
{
public:
	guarded_work(unique_fd signals, unique_fd report);

	// From now on each signal is one byte that can be read here, its number. Until then a signal ends the
	// program. The descriptor stays this object's. Once: `words` are the only program that the guard will let
	// take its place, whatever it is told later, when the child has met its peers. Empty: none.
	int take_signals(std::span<std::string const> words);

	// The last call: the guard is to carry out the action, and to exit with this code. Returns the code. Does
	// not return if threads are stuck: the process ends as far as it can, and its connections and outputs are
	// closed.
	int end(int exit_code, end_action action, bool is_stuck);

private:
	unique_fd m_signals;
	unique_fd m_report;
};

// Calls work in a child process. In the child it returns what work returned. In the guard it returns the
// child's exit code, or the error of the action at the end; it does not return if the child was ended by a
// signal that take_signals() had not asked for, or if the action replaces the program.
//
// The guard gives a stopped job 90 seconds, and 5 after a second signal; then, or at a third signal, it ends
// the child, if that can be ended, and itself. There must be no other thread.
result<int> run_guarded(std::function<result<int>(guarded_work&)> const& work);

} // namespace rawswarm
