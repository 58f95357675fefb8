// SPDX-License-Identifier: BSD-3-Clause
// Names for threads, as ps -L, top -H, perf and gdb show them.
#pragma once

namespace rawswarm
{

// Names the calling thread. The kernel keeps 15 bytes.
void name_this_thread(char const* name);

} // namespace rawswarm
