// SPDX-License-Identifier: BSD-3-Clause
// The action that ends a job: its on_success or on_failure, carried out on this machine.
//
// Called last: every device is synced, the final beacons are sent, the report is printed.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <span>
#include <string>

namespace rawswarm
{

// The action of the job that belongs to this exit code (docs/spec.md, "Exit codes"). After a signal, 130 or
// 143, it is end_action::proceed: whoever sent the signal decides what comes next.
end_action end_action_of(manifest const& job, int exit_code);

// - proceed and shell: does nothing.
// - reboot and poweroff: writes out all that the kernel has cached, then asks the kernel itself, as there may
//   be no init to ask. In a process namespace of its own the kernel ends that namespace instead (reboot(2)).
// - exec: replaces this program by that of `words`, found as a shell finds it.
//
// Returns if there is nothing to do, or with fault::internal if it cannot be done.
result<void> carry_out(end_action action, std::span<std::string const> words);

} // namespace rawswarm
