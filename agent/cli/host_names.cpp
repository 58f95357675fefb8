// SPDX-License-Identifier: BSD-3-Clause
#include "agent/cli/host_names.hpp"

#include "agent/net/address.hpp"
#include "base/clean_text.hpp"

namespace rawswarm
{

result<void> check_host_names(std::vector<std::string> const& names)
{
	for (auto const& name : names)
	{
		if (!is_host_name(name) && !parse_ipv4(name) && !parse_scoped_ipv6(name))
		{
			return fail(fault::usage, "--http-name: no name and no address: \"{}\"", printable(name));
		}
	}
	return success();
}

} // namespace rawswarm
