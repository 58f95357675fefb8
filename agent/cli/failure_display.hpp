// SPDX-License-Identifier: BSD-3-Clause
// Tells whoever stands in the room that this machine has failed (agent/progress/failure_screen.hpp).
#pragma once

#include "agent/machine/identity.hpp"

#include <string>

namespace rawswarm
{

// On standard error, if that is a terminal: as large as it allows, with blocks on a screen, with ASCII alone
// on a serial line. Otherwise the text alone. text: one line, without a newline.
void show_failure(int exit_code, machine_identity const& self, std::string const& text);

// True where a shell of an initramfs waits for somebody: standard error is a terminal, and the files of this
// machine are in memory.
bool is_at_rescue_console();

} // namespace rawswarm
