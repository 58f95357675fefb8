// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/server.hpp"

namespace rawswarm
{

result<int> serve(serve_options const& options)
{
	return fail(fault::usage, "serving {}: not built into this program", options.folder);
}

result<int> check_room(std::string const& folder)
{
	return fail(fault::usage, "checking {}: not built into this program", folder);
}

} // namespace rawswarm
