// SPDX-License-Identifier: BSD-3-Clause
// Asks a running agent, as `status`, `log` and `stop` do. Blocking.
#pragma once

#include "agent/control/control_message.hpp"
#include "agent/control/control_socket.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace rawswarm
{

// Longer than an agent that works takes for an answer: those that hang are to be found by it.
inline constexpr std::chrono::seconds answer_limit{5};

// The answer, or the error that the agent answers with. limit: for the answer; none: however long it takes,
// and until the agent has closed its devices, which is when it hangs up. fault::network: nobody is there (the
// error's code says so), or there is no answer in time.
result<nlohmann::ordered_json> ask_agent(std::string const& path, control_request const& request,
	std::optional<std::chrono::seconds> limit = answer_limit);

// Whether the error says that nobody listens there: a socket that was left behind, or was just removed.
bool is_nobody(error const& e);

} // namespace rawswarm
