// SPDX-License-Identifier: BSD-3-Clause
// A folder's files by HTTP: the regular files in it and below, and nothing else. There is no way out of it:
// no
// "..", no symbolic link at any place of the path, no device, FIFO or socket, which is not even opened.
//
// Whoever can write into the folder decides what is served. Blocks for as long as opening a file does.
#pragma once

#include "agent/http_server/http_reply.hpp"

#include <string_view>

namespace rawswarm
{

// folder: opened by the caller (O_PATH or to be read). name: below it, without a slash in front, as the
// request has it: it is decoded here.
//
// 200 with all of it; 206 or 416 if a GET asks for one range (RFC 9110, 14); a request for several gets all.
// 404: no such regular file. 403: not readable by this process. 503: no descriptor or memory is left.
http_reply serve_file(int folder, std::string_view name, http_question const& question);

} // namespace rawswarm
