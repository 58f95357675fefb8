// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/all_sockets.hpp"

#include "agent/control/control_socket.hpp"

#include <filesystem>
#include <system_error>

namespace rawswarm
{

result<std::vector<std::string>> all_sockets()
{
	BOOST_OUTCOME_TRY(paths, control_sockets());
	std::error_code ec; // who may not look there has no business with it
	if (std::filesystem::is_socket(service_socket, ec))
	{
		paths.emplace_back(service_socket);
	}
	return std::move(paths);
}

} // namespace rawswarm
