// SPDX-License-Identifier: BSD-3-Clause
// Namespaces of our own: however the program ends, even by SIGKILL, the kernel removes its processes, mounts
// and network interfaces.
#pragma once

#include <functional>

namespace rawswarm::test
{

// Calls work() in a child, the first process of new PID, mount and network namespaces, in which temporary
// files lie on a tmpfs, and /proc is theirs. The child dies with this process, and every process that it
// started dies with the child; an empty folder may remain. Returns what work() returned, or 128 + the signal
// that ended the child. Needs root. Errors are thrown.
int run_isolated(std::function<int()> const& work);

} // namespace rawswarm::test
