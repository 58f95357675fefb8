// SPDX-License-Identifier: BSD-3-Clause
// How many descriptors this process may have open.
#pragma once

namespace rawswarm
{

// As many as the system lets it have (getrlimit(2)): shells and systemd give 1024, and more to who asks.
// Before anything reads the limit, as libtorrent's session does when it is made. Not pure. If it cannot, the
// limit stays.
void raise_descriptor_limit() noexcept;

} // namespace rawswarm
