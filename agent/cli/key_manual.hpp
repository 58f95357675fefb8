// SPDX-License-Identifier: BSD-3-Clause
// The manual pages of files, rawswarm-job(5) and rawswarm-room(5), in roff with the man macros, made from
// their JSON Schemas: every key with what it means, what it may be and its default. Pure.
#pragma once

#include "agent/cli/manual.hpp"

#include <string>
#include <string_view>

namespace rawswarm
{

// Of agent/manifest.schema.json and agent/room/room.schema.json. A schema that is not JSON, or refers to what
// it does not have, is a bug: the build made it a part of the program.
manual_page manual_of_job(std::string_view schema);
manual_page manual_of_room(std::string_view schema, std::string_view job_schema);

} // namespace rawswarm
