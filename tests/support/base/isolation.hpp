// SPDX-License-Identifier: BSD-3-Clause
// Namespaces of our own, so that whatever ends the program, SIGKILL included, the kernel takes away what it
// made: processes, mounts, network interfaces.
#pragma once

#include <functional>

namespace rawswarm::test
{

// Calls work() in a child, the first process of a namespace of processes with mounts and a network of its
// own, in which temporary files lie on a tmpfs. The child dies with this process, and with it every process
// that it started; an empty folder may stay. Returns what work() returned, or 128 + the signal that ended it.
// Needs root. Errors are thrown.
int run_isolated(std::function<int()> const& work);

} // namespace rawswarm::test
