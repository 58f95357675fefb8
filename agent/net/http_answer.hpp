// SPDX-License-Identifier: BSD-3-Clause
// What a server answered. A value.
#pragma once

#include <string>

namespace rawswarm
{

struct http_answer
{
	unsigned status = 0;
	std::string reason; // reason_of() in agent/net/http_message.hpp
	std::string location; // as the server sent it; may be empty
	std::string body; // always whole; of which status is the caller's choice
};

} // namespace rawswarm
