// SPDX-License-Identifier: BSD-3-Clause
// A machine's report on its job, by HTTP: POST /report/TOKEN (docs/spec.md, "The server's addresses").
//
// Thread: that of the io_context.
#pragma once

#include "agent/http_server/http_reply.hpp"
#include "agent/room/room_book.hpp"
#include "base/result.hpp"

#include <string_view>

namespace rawswarm
{

// What a report's text says of how the job ended. fault::refused.
result<room_outcome> read_report(std::string_view text);

// 200: it is on the disk, or was known before. 400: no report. 403: not signed with the room's key. 404: the
// token is none of this room's. 503: the disk does not take it; the machine is to ask again.
http_reply take_report(room_book& book, std::string_view token, http_question const& question);

} // namespace rawswarm
