// SPDX-License-Identifier: BSD-3-Clause
// sendfile(2) for a server with many clients: one part at a time, and a client that is gone is an error and
// no signal.
#pragma once

#include "agent/http_server/http_reply.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>

namespace rawswarm
{

// So much goes to a client before the others have their turn. A processor copies it in some 50 us; a disk
// that rotates takes 10 ms to fetch it. Initial value, not measured.
inline constexpr std::size_t max_file_part = std::size_t(256) * 1024;

// What the socket takes now, at most a part; rest is what is left afterwards. Returns the bytes. The socket
// is non-blocking; the disk is waited for. Errors: would_block, and those of sendfile(2); eof if the file is
// shorter than it was.
std::size_t send_file_part(int socket, http_file& rest, boost::system::error_code& ec);

} // namespace rawswarm
