// SPDX-License-Identifier: BSD-3-Clause
// What becomes of the machine once a job is over: the job's on_success and on_failure.
//
// Called last: every device is synced, the last beacons are sent, the report is printed.
#pragma once

#include "agent/manifest/manifest.hpp"
#include "base/result.hpp"

#include <span>
#include <string>

namespace rawswarm
{

// Which of the job's two endings this exit code (SPEC's) asks for. Who was stopped by a signal, 130 or 143,
// is already being told what to do: the program just exits.
ending ending_of(manifest const& job, int exit_code);

// proceed and shell: does nothing. reboot and poweroff: writes out all that the kernel has cached, then asks
// the kernel itself, as there may be no init that could be asked; in a namespace of processes of its own the
// kernel ends that instead (reboot(2)). exec: the program of `words` takes this one's place, found as a shell
// finds it. Returns when nothing was to be done or it could not be done (fault::internal).
result<void> carry_out(ending what, std::span<std::string const> words);

} // namespace rawswarm
