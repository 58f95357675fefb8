// SPDX-License-Identifier: BSD-3-Clause
#include "agent/serve/image_status.hpp"

namespace rawswarm
{

char const* to_string(image_activity const a) noexcept
{
	switch (a)
	{
	case image_activity::idle: return "idle";
	case image_activity::opening: return "opening";
	case image_activity::serving: return "serving";
	case image_activity::fetching: return "fetching";
	case image_activity::failed: break;
	}
	return "failed";
}

} // namespace rawswarm
