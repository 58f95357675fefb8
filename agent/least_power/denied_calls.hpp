// SPDX-License-Identifier: BSD-3-Clause
// System calls that a process which images disks never makes, and that one which was taken over would (man 2
// seccomp): to reach into other processes, into the kernel and its keys, past the checks of paths.
//
// A list of what is denied, and not of what is allowed: the calls that are made differ with the C library,
// the kernel and the programs for file systems.
#pragma once

#include "base/result.hpp"

#include <span>
#include <vector>

#include <linux/filter.h>

namespace rawswarm
{

// Their numbers. Empty on a processor that this program knows no numbers for.
std::span<int const> denied_calls();

// The filter that answers each of them with EPERM, as it does every call of another kind of processor and
// of x32, which have the same calls under other numbers. Pure.
std::vector<sock_filter> filter_of(std::span<int const> denied);

// For all threads of the process and all programs that they start, for good. The process must have no new
// privileges (PR_SET_NO_NEW_PRIVS) or CAP_SYS_ADMIN. Errors: a kernel that has no filters.
result<void> deny_calls();

} // namespace rawswarm
